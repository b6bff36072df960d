import compression from "compression";
import express from "express";
import { startHost } from "@gatestream/testing/host";
import { hello, testMounting } from "./mounting.contract.ts";

testMounting("in Express behind compression()", ({ relay }) => {
  const app = express();
  app.use(compression({ threshold: 0 }));
  app.use(relay.handler);
  app.get("/hello", (_, response) => {
    response.send(hello);
  });
  return startHost(app);
});

testMounting("in Express behind compression() and express.json()", ({ relay }) => {
  const app = express();
  app.use(compression({ threshold: 0 }));
  app.use(express.json());
  app.use(relay.handler);
  app.get("/hello", (_, response) => {
    response.send(hello);
  });
  return startHost(app);
});
