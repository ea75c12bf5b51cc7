// nst/JSONTestSuite: 318 texts that JSON parsers read differently, each signed as a payload, as a header, and as
// the value of a member of an otherwise valid token. Malformed JSON is refused; well-formed JSON in a custom
// claim is let through; and nothing throws.

import { DEFAULTS } from '../../shared/index.ts'
import { isFailure } from '../../shared/failures/failure.ts'
import { parseToken } from '../../shared/token/compact.ts'
import { signCompact, type Members } from '../support/test-issuer.ts'
import { readData, ruled, type Ruling, type Suite, type VectorCase, type Verdict } from './suite.ts'
import type { VectorWorld } from './world.ts'

interface File {
  readonly cases: readonly {
    readonly name: string
    readonly expect: 'accept' | 'reject' | 'either'
    readonly bytes_b64: string
  }[]
}

interface Text {
  readonly name: string
  readonly ruling: Ruling
  readonly bytes: Uint8Array
}

type Place = 'header' | 'payload'

/** Room for the largest text, so that its form decides and not its size. */
const LIMITS = { ...DEFAULTS.limits, maxTokenBytes: 1_000_000 }

const DUPLICATE = 'a member that is there twice has two readings (RFC 8259 section 4; RFC 7515 section 4)'

function textsIn(directory: string): Text[] {
  return readData<File>(directory, 'test_parsing.json').cases.map(({ name, expect, bytes_b64: bytes }) => ({
    name: name.replace(/\.json$/, ''),
    ruling: expect === 'reject' ? 'refuse' : expect,
    bytes: Uint8Array.from(Buffer.from(bytes, 'base64')),
  }))
}

/** Whether a well-formed text has a member twice: parsed and serialised again, it has fewer members. */
function hasDuplicate({ bytes, ruling }: Text): boolean {
  if (ruling !== 'accept') return false
  const text = new TextDecoder().decode(bytes)
  const names = text.match(/"(?:[^"\\]|\\.)*"\s*:/g) ?? []
  const kept = JSON.stringify(JSON.parse(text)).match(/"(?:[^"\\]|\\.)*"\s*:/g) ?? []
  return names.length !== kept.length
}

const isObject = ({ bytes, ruling }: Text): boolean => {
  if (ruling !== 'accept') return false
  const value: unknown = JSON.parse(new TextDecoder().decode(bytes))
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const departure = (text: Text): string | null => (hasDuplicate(text) ? DUPLICATE : null)

/** A header or a claims set must be an object. RFC 7515 section 4; RFC 7519 section 7.2. */
const asWhole = (text: Text): Pick<VectorCase, 'expect' | 'departure'> =>
  text.ruling === 'accept' && !isObject(text) ? { expect: 'refuse' } : ruled(text.ruling, departure(text))

/** A token of our issuer with the text as its header or payload. */
async function signWhole(world: VectorWorld, place: Place, { bytes }: Text): Promise<string> {
  const { header, claims } = world.issuer.members()
  const key = world.issuer.keys[0]!
  return place === 'header' ? signCompact(key, bytes, claims) : signCompact(key, header, bytes)
}

/** The members as JSON text, with one more member at the end whose value is the text. */
function withMember(members: Members, { bytes }: Text): Uint8Array {
  const json = JSON.stringify(members)
  return Buffer.concat([Buffer.from(`${json.slice(0, -1)},"x-custom":`), bytes, Buffer.from('}')])
}

async function signMember(world: VectorWorld, place: Place, text: Text): Promise<string> {
  const { header, claims } = world.issuer.members()
  const key = world.issuer.keys[0]!
  return place === 'header'
    ? signCompact(key, withMember(header, text), claims)
    : signCompact(key, header, withMember(claims, text))
}

function parse(token: string): Verdict[] {
  const parsed = parseToken(token, LIMITS)
  return isFailure(parsed)
    ? [{ where: 'parse', accepted: false, code: `${parsed.code} ${parsed.detail?.['problem']}` }]
    : [{ where: 'parse', accepted: true, code: 'parsed' }]
}

export const JSON_TEST_SUITE: Suite = {
  folder: 'json-test-suite',
  parts(directory, world) {
    const texts = textsIn(directory)
    return (['payload', 'header'] as const).flatMap((place) => [
      {
        name: `as ${place}, parsed`,
        cases: texts.map((text) => ({
          id: text.name,
          ...asWhole(text),
          run: async () => parse(await signWhole(world, place, text)),
        })),
      },
      {
        name: `as ${place}, at the edges`,
        cases: texts.map((text) => ({
          id: text.name,
          expect: 'refuse' as const,
          run: async () => world.asBearer(await signWhole(world, place, text)),
        })),
      },
      {
        name: `in a member of the ${place}, at the edges`,
        cases: texts.map((text) => ({
          id: text.name,
          ...ruled(text.ruling, departure(text)),
          run: async () => world.asBearer(await signMember(world, place, text)),
        })),
      },
    ])
  },
}
