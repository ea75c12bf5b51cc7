// The PEM of a client certificate, changed: what our reader takes is the first certificate that OpenSSL reads in the
// same text, and it takes everything that the platforms write.

import { X509Certificate } from 'node:crypto'
import fc from 'fast-check'
import { fromPem } from '../../../shared/sender/mtls/certificate-text.ts'
import { createClientCertificates, thumbprintOf } from '../client-certificates.ts'
import { demand } from '../fixture.ts'
import { changeText, textChanges, type TextChange } from '../mutate.ts'
import { property } from '../property.ts'

const PIECES = [
  '-', '-----', '-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----', '-----BEGIN TRUSTED CERTIFICATE-----', '-----BEGIN X509 CERTIFICATE-----',
  '-----BEGIN CERTIFICATE-----\n', '\n-----BEGIN CERTIFICATE-----\n', '\n-----END CERTIFICATE-----\n', '-----BEGIN ', '-----END ', 'BEGIN', 'CERTIFICATE', '\n-----BEGIN A-----\nMIIB\n-----END A-----\n',
  '\n', '\r', '\r\n', '\n\n', ' ', '\t', '\u000b', '\u000c', '\u00a0', '\u2028', '\u0000', '=', '==', '===', '+', '/', '-', '_', 'A', 'AAAA', 'MIIB', ':', 'Proc-Type: 4,ENCRYPTED\n', 'x: y\n\n', '#', 'é',
  'x'.repeat(254), 'x'.repeat(1_030), `${'x'.repeat(63)}\n`.repeat(15), 'A'.repeat(20_000), ' '.repeat(64_000), '-----BEGIN '.repeat(6_000), '='.repeat(64_000), 'A'.repeat(1_000_000), '-'.repeat(1_000_000),
] // prettier-ignore

/** How programs and platforms write a certificate: all of these are taken. */
const FORMS: readonly ((pem: string, other: string) => string)[] = [
  (pem) => pem,
  (pem) => pem.replaceAll('\n', '\r\n'),
  (pem) => pem.trimEnd(),
  (pem, other) => pem + other,
  (pem, other) => pem + other + pem,
  (pem) => `subject=CN = own\nissuer=CN = Clients\n${pem}`,
  (pem) => `Bag Attributes\n    friendlyName: own\r\n${pem}`,
  (pem) => pem.replaceAll('\n', '\n\t').trimEnd(),
]

interface Input {
  readonly certificate: number
  readonly form: number
  readonly text: readonly TextChange[]
}

/** What OpenSSL reads, as the digest of its DER; `null`: nothing. */
function witness(text: string): string | null {
  try {
    return thumbprintOf(new X509Certificate(text).raw)
  } catch {
    return null
  }
}

let made: ReturnType<typeof createClientCertificates> | undefined

/** @internal `read`: lets a test show that the property notices another reader. */
export const certificateTextWith = (read: typeof fromPem) =>
  property<Input>({
    name: 'text of a certificate',
    about: 'PEM of client certificates as programs write it, and with changes',
    input: fc.record({
      certificate: fc.nat(2),
      form: fc.nat(FORMS.length - 1),
      text: fc.oneof(
        { weight: 1, arbitrary: fc.constant([]) },
        { weight: 9, arbitrary: textChanges(PIECES, 3) },
      ),
    }),
    mustSee: ['as written', 'the same', 'refused'],
    async check({ certificate, form, text }) {
      const all = Object.values(await (made ??= createClientCertificates()))
      const [{ pem, thumbprint }, other] = [all[certificate]!, all[(certificate + 1) % 3]!]
      const known = all.map((one) => one.thumbprint)
      const written = FORMS[form]!(pem, other.pem)
      const changed = changeText(written, text)
      const der = read(changed)
      if (der === null) {
        demand(changed !== written, 'a certificate as programs write it is refused')
        return 'refused'
      }
      const found = thumbprintOf(der)
      const seen = witness(changed)
      // OpenSSL writes the outer fields of what it has read again, so only known certificates can be compared.
      demand(
        seen === null || seen === found || !(known.includes(seen) || known.includes(found)),
        'OpenSSL reads another certificate in the same text',
      )
      demand(changed !== written || found === thumbprint, 'another certificate than the first')
      if (changed === written) return 'as written'
      return known.includes(found) ? 'the same' : 'other bytes'
    },
  })

export const certificateText = certificateTextWith(fromPem)
