// A certificate in a header field, which a proxy has set (`mtls.header`). Whoever reaches an edge can write such a
// field, so it counts only beside the secret of the guard. RFC 9440 sections 2 and 4.

import type { Certified } from '../../../local/client-certificates/certificates.ts'
import { derOf } from '../../support/client-certificates.ts'
import { allow, refused, reported, USER, type Field } from '../row.ts'
import type { SenderRow } from '../sender-row.ts'
import {
  accepted,
  MISMATCH,
  MISSING,
  REFUSED,
  row,
  sameToken,
  TOKEN_EDGE,
  UNPROVEN,
  type Given,
  type More,
} from './row.ts'

export const FIELD = 'Client-Cert'
export const GUARD = 'X-Mtls-Guard'
export const SECRET = 'what-only-the-proxy-in-front-can-send'

export type HeaderFormat = 'rfc9440' | 'pem-urlencoded' | 'sha256-hex'

const base64Of = (certified: Certified): string => derOf(certified).toString('base64')
const hexOf = ({ thumbprint }: Certified): string => Buffer.from(thumbprint, 'base64url').toString('hex')

const WRITE: Readonly<Record<HeaderFormat, (certified: Certified) => string>> = {
  rfc9440: (certified) => `:${base64Of(certified)}:`,
  'pem-urlencoded': ({ pem }) => encodeURIComponent(pem),
  'sha256-hex': hexOf,
}

type Write = (certified: Certified) => string

/** What the proxy sends, and no certificate of its own in TLS. */
const by = (toFields: (value: string) => readonly Field[], write: Write): Given => ({
  certificate: null,
  fields: ({ client }) => toFields(write(client)),
})

const NOT_GUARDED: More = { detail: { problem: 'header_not_guarded' } }

/** The certificate is refused for this reason. */
const refusedFor = (problem: string, id: string, given: Given): SenderRow =>
  row(id, REFUSED, given, { detail: { problem } })

/** Rows that hold for every format. */
function rowsOf(format: HeaderFormat): readonly SenderRow[] {
  const write = WRITE[format]
  const at = (id: string): string => `header ${format}: ${id}`
  const guarded = (id: string, guards: readonly Field[], more: More = NOT_GUARDED): SenderRow =>
    row(
      at(id),
      MISSING,
      by((value) => [...guards, [FIELD, value]], write),
      more,
    )
  return [
    accepted(
      at('behind its guard'),
      by(
        (value) => [
          [GUARD, SECRET],
          [FIELD, value],
        ],
        write,
      ),
      TOKEN_EDGE,
    ),
    row(at('of another certificate'), MISMATCH, {
      certificate: null,
      fields: ({ second }) => [
        [GUARD, SECRET],
        [FIELD, write(second)],
      ],
    }),
    guarded('without a guard', []),
    guarded('an empty guard', [[GUARD, '']]),
    guarded('another guard', [[GUARD, SECRET.replace('proxy', 'proxi')]]),
    guarded('a guard in upper case', [[GUARD, SECRET.toUpperCase()]]),
    guarded('a part of the guard', [[GUARD, SECRET.slice(0, -1)]]),
    guarded('more than the guard', [[GUARD, `${SECRET}x`]]),
    guarded('the guard twice', [
      [GUARD, SECRET],
      [GUARD, SECRET],
    ]),
    guarded('the guard after another one', [
      [GUARD, 'x'],
      [GUARD, SECRET],
    ]),
    guarded('the guard before another one', [
      [GUARD, SECRET],
      [GUARD.toLowerCase(), 'x'],
    ]),
    guarded('the guard twice in one field', [[GUARD, `${SECRET},${SECRET}`]]),
    guarded('the guard in another field', [[`${GUARD}-2`, SECRET]]),
    row(
      at('the guard in the query'),
      MISSING,
      { ...by((value) => [[FIELD, value]], write), query: `${GUARD}=${SECRET}` },
      NOT_GUARDED,
    ),
    accepted(
      at('names in lower case'),
      by(
        (value) => [
          [GUARD.toLowerCase(), SECRET],
          [FIELD.toLowerCase(), value],
        ],
        write,
      ),
    ),
    accepted(
      at('names in upper case, the certificate before the guard'),
      by(
        (value) => [
          [FIELD.toUpperCase(), value],
          [GUARD.toUpperCase(), SECRET],
        ],
        write,
      ),
    ),
    refusedFor(
      'repeated',
      at('twice'),
      by(
        (value) => [
          [GUARD, SECRET],
          [FIELD, value],
          [FIELD, value],
        ],
        write,
      ),
    ),
    refusedFor('repeated', at('of the client before that of the proxy'), {
      certificate: null,
      fields: ({ client, second }) => [
        [GUARD, SECRET],
        [FIELD, write(client)],
        [FIELD.toLowerCase(), write(second)],
      ],
    }),
    refusedFor('repeated', at('of the proxy before that of the client'), {
      certificate: null,
      fields: ({ client, second }) => [
        [GUARD, SECRET],
        [FIELD.toUpperCase(), write(second)],
        [FIELD, write(client)],
      ],
    }),
    refusedFor(
      'repeated',
      at('twice in one field'),
      by(
        (value) => [
          [GUARD, SECRET],
          [FIELD, `${value}, ${value}`],
        ],
        write,
      ),
    ),
    row(at('a comma behind it'), REFUSED, {
      ...by(
        (value) => [
          [GUARD, SECRET],
          [FIELD, `${value},`],
        ],
        write,
      ),
    }),
    row(
      at('the guard alone'),
      MISSING,
      by(() => [[GUARD, SECRET]], write),
    ),
    row(
      at('the guard and an empty field'),
      MISSING,
      by(
        () => [
          [GUARD, SECRET],
          [FIELD, ''],
        ],
        write,
      ),
    ),
    row(at('websocket, behind its guard'), allow({ ...USER, sender: 'mtls' }), {
      ...by(
        (value) => [
          [GUARD, SECRET],
          [FIELD, value],
        ],
        write,
      ),
      path: '$connect',
    }),
    row(
      at('websocket, without a guard'),
      MISSING,
      { ...by((value) => [[FIELD, value]], write), path: '$connect' },
      NOT_GUARDED,
    ),
  ]
}

/** Behind the guard, TLS is between the proxy and this edge. Without it, nobody was between them and the client. */
const BESIDE_THE_PLATFORM: readonly SenderRow[] = [
  accepted('header: the certificate of the proxy in TLS', {
    certificate: 'second',
    fields: ({ client }) => [
      [GUARD, SECRET],
      [FIELD, WRITE.rfc9440(client)],
    ],
  }),
  row('header: the certificate of the token in TLS, another one behind the guard', MISMATCH, {
    fields: ({ second }) => [
      [GUARD, SECRET],
      [FIELD, WRITE.rfc9440(second)],
    ],
  }),
  row('header: the certificate of the token in TLS, none behind the guard', MISSING, {
    fields: () => [[GUARD, SECRET]],
  }),
  row('header: the certificate of the token in TLS, a malformed one behind the guard', REFUSED, {
    fields: () => [
      [GUARD, SECRET],
      [FIELD, 'x'],
    ],
  }),
  accepted('header: neither, the certificate of the token in TLS', {}),
  accepted('header: the certificate of the token in TLS, another guard', {
    fields: ({ second }) => [
      [GUARD, 'x'],
      [FIELD, WRITE.rfc9440(second)],
    ],
  }),
  accepted('header: the certificate of the token in TLS, another one without a guard', {
    fields: ({ second }) => [[FIELD, WRITE.rfc9440(second)]],
  }),
  row('header: another certificate in TLS, that of the token without a guard', MISMATCH, {
    certificate: 'second',
    fields: ({ client }) => [[FIELD, WRITE.rfc9440(client)]],
  }),
  row('header: another certificate in TLS, that of the token beside another guard', MISMATCH, {
    certificate: 'second',
    fields: ({ client }) => [
      [GUARD, 'x'],
      [FIELD, WRITE.rfc9440(client)],
    ],
  }),
  row('header: nothing', MISSING, { certificate: null }, TOKEN_EDGE),
  row('header: of another name', MISSING, {
    certificate: null,
    fields: ({ client }) => [
      [GUARD, SECRET],
      ['X-Client-Cert', WRITE.rfc9440(client)],
    ],
  }),
  row('header: with an unbound token', allow(USER), {
    isUnbound: true,
    certificate: null,
    fields: () => [
      [GUARD, 'x'],
      [FIELD, 'x'],
    ],
  }),
  row('header: on a route that takes no bound token', UNPROVEN, {
    certificate: null,
    path: '/none',
    fields: ({ client }) => [
      [GUARD, SECRET],
      [FIELD, WRITE.rfc9440(client)],
    ],
  }),
  row('header: bound to both, behind its guard', allow({ ...USER, sender: 'dpop mtls' }), {
    isBoundToBoth: true,
    certificate: null,
    fields: ({ client, proof }) => [
      ['DPoP', proof],
      [GUARD, SECRET],
      [FIELD, WRITE.rfc9440(client)],
    ],
  }),
  row('header: bound to both, without a proof', refused('dpop_proof_missing'), {
    isBoundToBoth: true,
    certificate: null,
    fields: ({ client }) => [
      [GUARD, SECRET],
      [FIELD, WRITE.rfc9440(client)],
    ],
  }),
  row('header: bound to both, without the guard', MISSING, {
    isBoundToBoth: true,
    certificate: null,
    fields: ({ client, proof }) => [
      ['DPoP', proof],
      [FIELD, WRITE.rfc9440(client)],
    ],
  }),
  ...(
    [
      ['no guard', []],
      ['another guard', [[GUARD, 'x']]],
      ['the guard alone', null],
    ] satisfies readonly (readonly [string, readonly Field[] | null])[]
  ).map(([id, guards]) =>
    sameToken(`again: behind its guard, then ${id}`, MISSING, [
      by(
        (value) => [
          [GUARD, SECRET],
          [FIELD, value],
        ],
        WRITE.rfc9440,
      ),
      by((value) => (guards === null ? [[GUARD, SECRET]] : [...guards, [FIELD, value]]), WRITE.rfc9440),
    ]),
  ),
  sameToken('again: behind its guard, then another certificate', MISMATCH, [
    by(
      (value) => [
        [GUARD, SECRET],
        [FIELD, value],
      ],
      WRITE.rfc9440,
    ),
    {
      certificate: null,
      fields: ({ second }) => [
        [GUARD, SECRET],
        [FIELD, WRITE.rfc9440(second)],
      ],
    },
  ]),
  row('header: report-only, without the guard', reported('client_certificate_missing'), {
    certificate: null,
    path: '/trial',
    fields: ({ client }) => [[FIELD, WRITE.rfc9440(client)]],
  }),
]

/** Another form of the certificate of the token. */
const malformed = (format: HeaderFormat, id: string, write: Write): SenderRow =>
  refusedFor(
    'malformed',
    `header ${format}: malformed, ${id}`,
    by(
      (value) => [
        [GUARD, SECRET],
        [FIELD, value],
      ],
      write,
    ),
  )

const other = (format: HeaderFormat, id: string, write: Write): SenderRow =>
  accepted(
    `header ${format}: ${id}`,
    by(
      (value) => [
        [GUARD, SECRET],
        [FIELD, value],
      ],
      write,
    ),
  )

const FORMS: Readonly<Record<HeaderFormat, readonly SenderRow[]>> = {
  rfc9440: [
    malformed('rfc9440', 'without colons', base64Of),
    malformed('rfc9440', 'without the last colon', (it) => `:${base64Of(it)}`),
    malformed('rfc9440', 'parameters behind it', (it) => `:${base64Of(it)}:;a=1`),
    malformed('rfc9440', 'two behind one another', (it) => `:${base64Of(it)}::${base64Of(it)}:`),
    malformed('rfc9440', 'in quotation marks', (it) => `":${base64Of(it)}:"`),
    malformed('rfc9440', 'nothing in it', () => '::'),
    malformed('rfc9440', 'a space in it', (it) => `: ${base64Of(it)}:`),
    malformed('rfc9440', 'base64url', (it) => `:${derOf(it).toString('base64url')}-_A:`),
    malformed('rfc9440', 'padding in the middle', (it) => `:AA==${base64Of(it)}:`),
    malformed('rfc9440', 'no certificate', () => `:${Buffer.from('certificate').toString('base64')}:`),
    malformed('rfc9440', 'as PEM', ({ pem }) => encodeURIComponent(pem)),
    malformed('rfc9440', 'as a fingerprint', hexOf),
    malformed('rfc9440', 'larger than may be', (it) => `:${base64Of(it).padEnd(16_388, 'A')}:`),
  ],
  'pem-urlencoded': [
    other('pem-urlencoded', 'line breaks alone escaped', ({ pem }) => pem.trimEnd().replaceAll('\n', '%0A')),
    other('pem-urlencoded', 'with its chain behind it', ({ pem }) => encodeURIComponent(pem + pem)),
    other('pem-urlencoded', 'escapes in lower case', ({ pem }) =>
      encodeURIComponent(pem).replaceAll(/%../g, (escape) => escape.toLowerCase()),
    ),
    malformed('pem-urlencoded', 'escaped twice', ({ pem }) => encodeURIComponent(encodeURIComponent(pem))),
    malformed(
      'pem-urlencoded',
      'a percent sign that begins no escape',
      ({ pem }) => `${encodeURIComponent(pem)}%`,
    ),
    malformed('pem-urlencoded', 'its label', ({ pem }) =>
      encodeURIComponent(pem.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE')),
    ),
    malformed('pem-urlencoded', 'base64 alone', base64Of),
    malformed('pem-urlencoded', 'as RFC 9440 has it', (it) => `:${base64Of(it)}:`),
    malformed('pem-urlencoded', 'in quotation marks and without its begin', ({ pem }) =>
      encodeURIComponent(pem.slice(1)),
    ),
  ],
  'sha256-hex': [
    other('sha256-hex', 'in upper case', (it) => hexOf(it).toUpperCase()),
    malformed('sha256-hex', 'with colons', (it) => hexOf(it).match(/../g)!.join(':')),
    malformed('sha256-hex', 'in base64url', ({ thumbprint }) => thumbprint),
    malformed('sha256-hex', '128 digits', (it) => hexOf(it) + hexOf(it)),
    malformed('sha256-hex', 'SHA-1', (it) => hexOf(it).slice(0, 40)),
    malformed('sha256-hex', 'with 0x before it', (it) => `0x${hexOf(it)}`),
    malformed('sha256-hex', 'as XFCC has it', (it) => `Hash=${hexOf(it)}`),
    malformed('sha256-hex', 'the certificate itself', (it) => `:${base64Of(it)}:`),
  ],
}

export const headerRows = (format: HeaderFormat): readonly SenderRow[] => [
  ...rowsOf(format),
  ...FORMS[format],
  ...(format === 'rfc9440' ? BESIDE_THE_PLATFORM : []),
]
