import { sign, type KeyObject } from "node:crypto";

/** A self-signed X.509 certificate of an RSA key, in PEM: RFC 5280, "Basic Certificate Fields". */
export function certificateOf(publicKey: KeyObject, privateKey: KeyObject): string {
  const sha256WithRsa = sequence(
    Buffer.from("06092a864886f70d01010b", "hex"), // The object identifier.
    element(0x05),
  );
  const commonName = sequence(Buffer.from("0603550403", "hex"), element(0x0c, Buffer.from("test")));
  const name = sequence(element(0x31, commonName));
  const validity = sequence(
    element(0x17, Buffer.from("200101000000Z")),
    element(0x17, Buffer.from("491231235959Z")),
  );
  const subjectKey = publicKey.export({ type: "spki", format: "der" });
  const serialNumber = element(0x02, Buffer.of(1));
  const content = sequence(serialNumber, sha256WithRsa, name, validity, name, subjectKey);
  const signature = element(0x03, Buffer.of(0), sign("sha256", content, privateKey));
  const certificate = sequence(content, sha256WithRsa, signature).toString("base64");
  return `-----BEGIN CERTIFICATE-----\n${certificate.replaceAll(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`;
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return element(0x30, ...parts);
}

/** One element of DER: its tag, the length of what it holds, and that. */
function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const lengthBytes = length < 128 ? [length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...lengthBytes), content]);
}
