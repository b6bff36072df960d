export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Why a server cannot listen at an address, and what to change. */
export function listenProblem(failure: unknown, { host, port }: ListenAddress): string {
  const code = failure instanceof Error && "code" in failure ? failure.code : undefined;
  switch (code) {
    case "EADDRINUSE":
      return `Port ${port} of ${host} is taken: stop what listens there, or choose another with PORT or --port.`;
    case "EACCES":
      return `Port ${port} needs rights that this process does not have: choose one from 1024 on with PORT or --port.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `${host} is no address of this machine: choose another with HOST or --host.`;
    default:
      return `The relay cannot listen on port ${port} of ${host}: ${String(code ?? failure)}.`;
  }
}
