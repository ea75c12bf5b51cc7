// Client certificates as the `openssl` program makes and writes them, and what it says about them.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** What `openssl` did: its standard output, or an error with what it said. */
export async function openssl(args: readonly string[], input = ''): Promise<Buffer> {
  const child = spawn('openssl', args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const [out, errors]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [code] = (await once(child, 'close')) as [number]
  if (code === 0) return Buffer.concat(out)
  throw new Error(`openssl ${args[0]} ended with ${code}: ${Buffer.concat(errors).toString().split('\n')[0]}`)
}

/** Arguments of `openssl req -newkey`. */
export const KEYS: Readonly<Record<string, readonly string[]>> = {
  'RSA 2048': ['rsa:2048'],
  'RSA 4096': ['rsa:4096'],
  'RSA-PSS': ['rsa-pss', '-pkeyopt', 'rsa_keygen_bits:2048'],
  'P-256': ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  'P-384': ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  'P-521': ['ec', '-pkeyopt', 'ec_paramgen_curve:P-521'],
  Ed25519: ['ed25519'],
  Ed448: ['ed448'],
}

export interface Made {
  /** PEM. */
  readonly pem: string
  /** Path of the PEM. */
  readonly file: string
  /** Path of the private key. */
  readonly keyFile: string
}

/** A self-signed certificate. `extensions`: for `-addext`. */
export async function make(
  directory: string,
  name: string,
  newkey: readonly string[],
  extensions: readonly string[] = [],
): Promise<Made> {
  const [file, keyFile] = [join(directory, `${name}.pem`), join(directory, `${name}.key`)]
  const subject = `/C=DE/O=Größe, & Söhne/CN=${name}`
  await openssl([
    ...['req', '-x509', '-utf8', '-newkey', ...newkey, '-noenc', '-days', '30', '-subj', subject],
    ...extensions.flatMap((extension) => ['-addext', extension]),
    ...['-keyout', keyFile, '-out', file],
  ])
  return { pem: (await openssl(['x509', '-in', file])).toString(), file, keyFile }
}

/** `openssl x509 -outform der | openssl dgst -sha256`, in hexadecimal. */
export async function digestOf(file: string, directory: string): Promise<string> {
  const der = join(directory, 'digest.der')
  await openssl(['x509', '-in', file, '-outform', 'der', '-out', der])
  return (await openssl(['dgst', '-sha256', '-r', der])).toString().split(' ')[0]!
}

/** What `openssl x509` prints about it: the end of its validity, as it writes times, and in ISO 8601. */
export async function endsOf(file: string): Promise<{ readonly text: string; readonly iso: string }> {
  const read = async (...more: string[]): Promise<string> =>
    (await openssl(['x509', '-in', file, '-noout', '-enddate', ...more]))
      .toString()
      .trim()
      .replace('notAfter=', '')
  return { text: await read(), iso: (await read('-dateopt', 'iso_8601')).replace(' ', 'T') }
}
