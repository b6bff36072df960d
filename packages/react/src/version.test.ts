import { version } from "react";
import { version as domVersion } from "react-dom";
import { expect, test } from "vitest";

test("the tests run with the React that they are meant for", () => {
  const major = process.env["REACT_MAJOR"];
  expect([version.split(".")[0], domVersion.split(".")[0]]).toEqual([major, major]);
});
