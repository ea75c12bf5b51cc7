// `npm run test:openssl`: certificates of every kind of key, made, written and presented in TLS by the `openssl`
// program. Each thumbprint and each time is the one that the program says. What it writes and we refuse is stated here.

import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type TLSSocket } from 'node:tls'
import { layOut, paint } from '../../cli/table.ts'
import { createSelfSigned } from '../../local/client-certificates/certificates.ts'
import { toClientCert, toTlsClientAuth } from '../../local/client-certificates/platform-facts.ts'
import { nodeCryptoSync } from '../../functions/node/crypto.ts'
import { fromHex, thumbprintOf } from '../../shared/sender/mtls/certificate-facts.ts'
import { readTime } from '../../shared/sender/mtls/certificate-time.ts'
import { fromPem } from '../../shared/sender/mtls/certificate-text.ts'
import { digestOf, endsOf, KEYS, make, openssl, type Made } from './certificates.ts'

interface Check {
  readonly name: string
  readonly isRight: boolean
  readonly what: string
}

const sha256 = nodeCryptoSync.sha256!

/** The thumbprint of PEM; `null`: it is refused. */
const read = (pem: string): string | null => {
  const der = fromPem(pem)
  return der === null ? null : thumbprintOf(der, sha256)
}

const equal = (name: string, given: unknown, wanted: unknown): Check => ({
  name,
  isRight: given === wanted,
  what: `${given}, not ${wanted}`,
})

/** Every form in which `openssl` and those who use it write a certificate. */
async function checkForms({ pem, file }: Made, other: Made, x5t: string): Promise<Check[]> {
  const text = (await openssl(['x509', '-in', file, '-text'])).toString()
  const attributes = (
    await openssl(['x509', '-in', file, '-subject', '-issuer', '-fingerprint', '-sha256'])
  ).toString()
  const trusted = (await openssl(['x509', '-in', file, '-trustout'])).toString()
  const pkcs7 = (await openssl(['crl2pkcs7', '-nocrl', '-certfile', file])).toString()
  return [
    equal('PEM', read(pem), x5t),
    equal('CRLF', read(pem.replaceAll('\n', '\r\n')), x5t),
    equal('its chain behind it', read(pem + other.pem), x5t),
    equal('behind another one: refused as that of the token', read(other.pem + pem) === x5t, false),
    equal('-subject -issuer -fingerprint', read(attributes), x5t),
    // More text before the block than is looked through.
    equal('-text', read(text), text.indexOf('-----BEGIN') > 1_024 ? null : x5t),
    equal('-trustout', read(trusted), null),
    equal('PKCS #7', read(pkcs7), null),
  ]
}

/** A client that presents the certificate in TLS: what the server sees is what the platforms state. */
async function checkHandshake({ pem, file, keyFile }: Made, x5t: string): Promise<Check[]> {
  const { pem: cert, key } = await createSelfSigned('server', { hosts: ['127.0.0.1'] })
  const server = createServer({ cert, key, requestCert: true, rejectUnauthorized: false })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  try {
    const connected = once(server, 'secureConnection') as Promise<[TLSSocket]>
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const client = openssl([
      's_client',
      '-connect',
      address,
      '-cert',
      file,
      '-key',
      keyFile,
      '-quiet',
      '-no_ign_eof',
    ])
    const [socket] = await connected
    const { raw } = socket.getPeerCertificate()
    socket.end()
    await client.catch(() => {})
    const facts = toTlsClientAuth(pem)
    return [
      equal('in TLS', thumbprintOf(new Uint8Array(raw), sha256), x5t),
      equal('Cloudflare, certFingerprintSHA256', fromHex(facts['certFingerprintSHA256']!), x5t),
      equal('API Gateway, clientCertPem', read(toClientCert(pem).clientCertPem), x5t),
    ]
  } finally {
    server.close()
  }
}

async function checkKind(directory: string, name: string, other: Made): Promise<Check[]> {
  const made = await make(directory, name.replaceAll(' ', '-'), KEYS[name]!, ['extendedKeyUsage=clientAuth'])
  const x5t = fromHex(await digestOf(made.file, directory))!
  const { text, iso } = await endsOf(made.file)
  const facts = [toClientCert(made.pem).validity.notAfter, toTlsClientAuth(made.pem)['certNotAfter']]
  return [
    ...(await checkForms(made, other, x5t)),
    equal('notAfter', readTime(text), Date.parse(iso) / 1000),
    ...facts.map((fact) => equal('notAfter of a platform', fact, text)),
    ...(await checkHandshake(made, x5t)),
  ]
}

const directory = await mkdtemp(join(tmpdir(), 'lanekeeper-openssl-'))
try {
  const version = (await openssl(['version'])).toString().trim()
  const other = await make(directory, 'other', KEYS['P-256']!, ['subjectAltName=DNS:client.example'])
  const rows: string[][] = []
  const wrong: string[] = []
  for (const name of Object.keys(KEYS)) {
    const checks = await checkKind(directory, name, other)
    const mistakes = checks.filter(({ isRight }) => !isRight)
    wrong.push(...mistakes.map((mistake) => `  ${name}, ${mistake.name}: ${mistake.what}`))
    rows.push([name, String(checks.length), String(mistakes.length)])
  }
  process.stdout.write(`${version}\n\n${layOut(['key', 'checks', 'wrong'], rows)}\n\n`)
  const count = rows.reduce((sum, [, checks]) => sum + Number(checks), 0)
  const last = `${count} checks of certificates of ${rows.length} kinds of keys: ${wrong.length} wrong.`
  process.stdout.write(`${[...wrong, paint(wrong.length === 0 ? 'green' : 'red', last)].join('\n')}\n`)
  process.exitCode = wrong.length === 0 ? 0 : 1
} catch (error) {
  const isMissing = (error as { code?: string }).code === 'ENOENT'
  if (!isMissing) throw error
  process.stderr.write('No openssl in PATH. It is a package of every system, mostly called openssl.\n')
  process.exitCode = 2
} finally {
  await rm(directory, { recursive: true })
}
