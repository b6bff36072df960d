// As much of Express 4 as is used here; its types are for Express 5 elsewhere in this workspace.
declare module "express" {
  import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";

  type Handler = (request: IncomingMessage & { body: object }, response: Response) => unknown;

  export interface Response extends ServerResponse {
    status(code: number): this;
  }

  interface Application {
    use(middleware: RequestListener): void;
    post(path: string, handler: Handler): void;
    listen(port: number, host: string, backlog: number): Server;
  }

  const express: { (): Application; json(): RequestListener };
  export default express;
}
