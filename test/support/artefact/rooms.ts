// Rooms of the house by what uses them, for the test that an artefact has no more than its configuration uses. A module
// is named as in esbuild's metafile, without its extension.

import type { Artefact } from '../../../cli/artefact/build.ts'

export const ROOMS = {
  RSA: /^shared\/(?:keys\/roca|keys\/key-types\/rsa|parts\/rsa)$/,
  EC: /^shared\/(?:keys\/curve|keys\/key-types\/ec|parts\/ec)$/,
  OKP: /^shared\/(?:keys\/key-types\/okp|parts\/okp)$/,
  'published keys': /^shared\/(?:keys\/(?:absent-kids|key-refresh|key-store)|parts\/published-keys)$/,
  'stored keys': /^shared\/(?:keys|parts)\/stored-keys$/,
  'shared secret': /^shared\/(?:token\/mac|(?:keys|parts)\/shared-secret)$/,
  lookups: /^shared\/introspection\/(?:cached-lookup|circuit-breaker|introspection-reader|lookups)$/,
  introspection: /^shared\/(?:introspection\/introspection-request|parts\/introspection)$/,
  private_key_jwt: /^shared\/(?:introspection|parts)\/private-key-jwt$/,
  'signed responses': /^shared\/(?:introspection\/signed-response|parts\/signed-responses)$/,
  'provider check': /^shared\/(?:introspection\/provider-check|parts\/check)$/,
  GitHub: /^shared\/(?:introspection\/providers\/github|parts\/check-github)$/,
  'other providers':
    /^shared\/(?:introspection\/providers\/(?:facebook|gitlab|google)|parts\/check-(?:facebook|gitlab|google))$/,
  userinfo: /^shared\/parts\/userinfo$/,
  resources: /^shared\/(?:policy\/resource-rule|routes\/resource-path|parts\/resources)$/,
  conditions: /^shared\/(?:policy|parts)\/conditions$/,
  'fingerprint key': /^shared\/(?:audit|parts)\/fingerprint-key$/,
  environment: /^shared\/(?:plan|parts)\/environment$/,
  slots: /^shared\/(?:plan|parts)\/slots$/,
  'issuer slots': /^shared\/(?:plan|parts)\/issuer-slots$/,
  'resource slots': /^shared\/(?:plan|parts)\/resource-slots$/,
  diagnostics: /^(?:shared|functions\/fetch)\/parts\/diagnostics$/,
  secrets: /^shared\/secrets\/secret$/,
  signing: /^jose\/.*\/jwt\/sign$/,
  'Node RS': /^functions\/.*\/rs$/,
  'Node PS': /^functions\/.*\/ps$/,
  'Node ES': /^functions\/.*\/(?:es|ecdsa-signature)$/,
  'Node Ed': /^functions\/.*\/ed$/,
  'AWS SDK': /^(?:@aws-sdk|@smithy)\//,
  'Secrets Manager': /^functions\/aws\/(?:parts\/)?secrets-manager$/,
  DynamoDB: /^functions\/aws\/(?:parts\/dynamodb|revocation\/[a-z-]+)$/,
  revocation: /^shared\/revocation\/(?:revocable|revocation-part)$/,
  'revocation look-ups': /^shared\/(?:parts\/revocation-lookups|revocation\/lookup-(?:memory|reader))$/,
  'revocation snapshots':
    /^shared\/(?:parts\/revocation-snapshots|revocation\/(?:entry-table|snapshot|snapshot-reader))$/,
  'Durable Object': /^functions\/cloudflare\/(?:parts\/durable-object|revocations)$/,
  DPoP: /^shared\/(?:parts\/dpop|sender\/dpop\/(?!nonces$|store-check$)[a-z-]+)$/,
  'DPoP store check': /^shared\/(?:parts\/dpop-replays|sender\/dpop\/store-check)$/,
  'DPoP nonces': /^shared\/(?:parts\/dpop-nonces|sender\/dpop\/[a-z-]*nonces)$/,
  'DPoP on Fetch': /^functions\/fetch\/(?:parts\/)?dpop$/,
  'sender constraints': /^shared\/sender\/(?:bound|confirmation|demand)$/,
  mTLS: /^shared\/(?:parts\/mtls|sender\/mtls\/(?!header-certificate$)[a-z-]+)$/,
  'mTLS header': /^shared\/(?:parts\/mtls-header|secrets\/guard-check|sender\/mtls\/header-certificate)$/,
  'sender metadata': /^(?:shared\/sender\/metadata|(?:shared|functions\/fetch)\/parts\/sender-metadata)$/,
  'request needs': /^functions\/aws\/(?:parts\/)?request-needs$/,
  'table of used proofs': /^functions\/aws\/(?:parts\/replays|replay\/[a-z-]+)$/,
  'objects of used proofs': /^functions\/cloudflare\/(?:parts\/)?replays$/,
  'logout tokens': /^shared\/(?:parts\/backchannel-logout|revocation\/(?:backchannel-logout|logout-token))$/,
  receivers: /^functions\/fetch\/(?:parts\/)?receivers$/,
  table: /^functions\/aws\/(?:parts\/table|table\/policy)$/,
  cors: /^functions\/fetch\/(?:parts\/)?cors$/,
  assertion: /^(?:shared\/grant\/assertion|functions\/fetch\/parts\/assertion)$/,
  'published documents': /^functions\/fetch\/(?:parts\/)?published$/,
} as const satisfies Readonly<Record<string, RegExp>>

export type Room = keyof typeof ROOMS

/** The modules of which some code is in the artefact. */
export function modulesIn({ metafile }: Artefact): readonly string[] {
  const inputs = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs))
  const names = inputs
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([name]) => name.replace(/^.*node_modules\//, '').replace(/\.[a-z]+$/, ''))
  return [...new Set(names)]
}

export const roomsOf = (modules: readonly string[]): Room[] =>
  (Object.keys(ROOMS) as Room[]).filter((room) => modules.some((name) => ROOMS[room].test(name)))

/** What is imported when the artefact runs, and is no file of it. */
export const externalsOf = ({ metafile }: Artefact): readonly string[] => [
  ...new Set(
    Object.values(metafile.outputs).flatMap(({ imports }) =>
      imports.filter(({ external }) => external === true).map(({ path }) => path),
    ),
  ),
]
