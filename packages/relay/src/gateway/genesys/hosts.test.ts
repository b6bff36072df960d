import { expect, test } from "vitest";
import { genesysHosts } from "./provider.ts";

const regions = [
  ["us-east-1", "mypurecloud.com"],
  ["eu-west-1", "mypurecloud.ie"],
  ["ap-southeast-2", "mypurecloud.com.au"],
  ["ap-northeast-1", "mypurecloud.jp"],
  ["eu-central-1", "mypurecloud.de"],
  ["us-west-2", "usw2.pure.cloud"],
  ["ca-central-1", "cac1.pure.cloud"],
  ["ap-northeast-2", "apne2.pure.cloud"],
  ["eu-west-2", "euw2.pure.cloud"],
  ["ap-south-1", "aps1.pure.cloud"],
  ["us-east-2", "use2.us-gov-pure.cloud"],
  ["sa-east-1", "sae1.pure.cloud"],
  ["me-central-1", "mec1.pure.cloud"],
  ["ap-northeast-3", "apne3.pure.cloud"],
  ["eu-central-2", "euc2.pure.cloud"],
  ["mx-central-1", "mxc1.pure.cloud"],
  ["ap-southeast-1", "apse1.pure.cloud"],
  ["eusc-de-east-1", "edee1.eusc-pure.cloud"],
] as const;

test.each(regions)("%s is found by its name and by each of its hosts (%s)", (region, host) => {
  const hosts = { loginUrl: `https://login.${host}`, apiUrl: `https://api.${host}` };
  for (const environment of [region, host, `api.${host}`, `login.${host}`]) {
    expect(genesysHosts(environment)).toEqual(hosts);
    expect(genesysHosts(`  ${environment.toUpperCase()}\n`)).toEqual(hosts);
  }
});

test("a host that is not known is taken as it is", () => {
  expect(genesysHosts("api.new1.pure.cloud")).toEqual({
    loginUrl: "https://login.new1.pure.cloud",
    apiUrl: "https://api.new1.pure.cloud",
  });
});

test("only a whole leading label is taken for api or login", () => {
  expect(genesysHosts("apis.example.org").apiUrl).toBe("https://api.apis.example.org");
  expect(genesysHosts("my.api.example.org").apiUrl).toBe("https://api.my.api.example.org");
});
