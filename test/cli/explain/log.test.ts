// Decisions are found in a log in each form that the platforms and their tools write, and a token's lines by its name.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readDecisions, type LogLine } from '../../../cli/explain/log-lines.ts'
import { nameToken } from '../../../shared/compiler.ts'
import { webCrypto } from '../../../shared/index.ts'
import { CONFIG, FINGERPRINT_KEY, MAIN, NOW, startWorld, type World } from './world.ts'

const LINE = { door: 'lambda', event: 'decision', outcome: 'deny', code: 'token_expired', token: 'name-1' }
const TEXT = JSON.stringify(LINE)

async function read(text: string): Promise<readonly LogLine[]> {
  const found: LogLine[] = []
  async function* lines() {
    yield* text.split('\n')
  }
  for await (const line of readDecisions(lines())) found.push(line)
  return found
}

const TIME = 1_796_039_880

describe('a decision is found in', () => {
  test.each<[string, string, number | undefined]>([
    ['a line of the console', TEXT, undefined],
    ['a line of a Lambda', `2026-11-30T11:58:00.000Z\t8f2a\tINFO\t${TEXT}`, TIME],
    ['aws logs tail', `2026-11-30T11:58:00.123000+00:00 2026/11/30/[$LATEST]1 ${TEXT}`, TIME + 0.123],
    [
      'a line of a Lambda in JSON',
      JSON.stringify({ timestamp: '2026-11-30T11:58:00Z', message: LINE }),
      TIME,
    ],
    ['an event of CloudWatch', JSON.stringify({ timestamp: TIME * 1000, message: `${TEXT}\n` }), TIME],
    [
      'filter-log-events',
      JSON.stringify({ events: [{ timestamp: TIME * 1000, message: `x\tINFO\t${TEXT}` }] }, null, 2),
      TIME,
    ],
    [
      'a query of Logs Insights',
      JSON.stringify([{ '@timestamp': '2026-11-30 11:58:00.000', '@message': TEXT }]),
      TIME,
    ],
    [
      'wrangler tail',
      JSON.stringify({
        eventTimestamp: TIME * 1000 - 5,
        logs: [{ message: [TEXT], level: 'log', timestamp: TIME * 1000 }],
      }),
      TIME,
    ],
    [
      'wrangler tail, over several lines',
      JSON.stringify({ logs: [{ message: [TEXT], timestamp: TIME * 1000 }] }, null, 2),
      TIME,
    ],
    ['wrangler tail --format pretty', `  (log) ${TEXT}`, undefined],
  ])('%s', async (_, text, time) => {
    const found = await read(`START RequestId\n${text}\n[ERROR] {}\n{"event":"keys"}\nnot JSON {`)
    expect(found).toEqual([{ ...found[0], outcome: 'deny', code: 'token_expired', token: 'name-1', time }])
  })

  test('a log with a brace that opens nothing, before and after it', async () => {
    const other = JSON.stringify({ ...LINE, token: 'name-2' })
    const names = async (brace: string) =>
      (await read(`${TEXT}\n${brace}\n${other}`)).map(({ token }) => token)
    expect(await names('{')).toEqual(['name-1', 'name-2'])
    expect(await names('[\n  1')).toEqual(['name-1', 'name-2'])
    // Indented lines belong to it, so its own end ends it.
    expect(await names('{\n  "a": 1\n}')).toEqual(['name-1', 'name-2'])
  })

  test('nothing else, and nothing deeper than a log is', async () => {
    let deep: unknown = LINE
    for (let level = 0; level < 20; level++) deep = [deep]
    expect(await read(`${JSON.stringify({ deep })}\n{"event":"decision"}\n"decision"\n\n{`)).toEqual([])
  })
})

describe('lanekeeper explain --log', () => {
  let world: World
  let name: string

  beforeEach(async () => {
    world = await startWorld()
    name = (await nameToken(await world.token(), FINGERPRINT_KEY, webCrypto))!
  })

  afterEach(() => world.close())

  const lineOf = (more: object) => JSON.stringify({ ...LINE, token: name, ...more })

  async function logOf(...args: string[]) {
    const { text } = await world.explain('GET', '/orders', '--log', 'log', '--json', ...args)
    return (JSON.parse(text) as { readonly log: { readonly lines: object[]; readonly because?: string } }).log
  }

  test('lists the lines of the token, and of no other', async () => {
    world.write(
      'log',
      [
        JSON.stringify({ ...LINE, token: 'another' }),
        `2026-11-30T11:50:00Z ${lineOf({ requestId: 'r1', plan: 'p1', route: 'GET /orders', method: 'GET' })}`,
        lineOf({ outcome: 'allow', code: 'access_token' }),
      ].join('\n'),
    )
    expect(await logOf()).toMatchObject({
      decisions: 3,
      lines: [
        {
          ...{ time: '2026-11-30T11:50:00Z', outcome: 'deny', code: 'token_expired', requestId: 'r1' },
          ...{ plan: 'p1', route: 'GET /orders', method: 'GET', door: 'lambda' },
        },
        { time: null, outcome: 'allow', code: 'access_token' },
      ],
    })
  })

  test('with a token that is signed anew: the name is that of the signing input', async () => {
    world.write('log', lineOf({}))
    const other = await world.token({ jti: 'token-2' })
    expect((await logOf()).lines).toEqual([])
    expect(await nameToken(other, FINGERPRINT_KEY, webCrypto)).toBe(
      await nameToken(`${other.slice(0, other.lastIndexOf('.'))}.AAAA`, FINGERPRINT_KEY, webCrypto),
    )
  })

  test('takes the key from a file', async () => {
    world.write('log', lineOf({}))
    world.write('key', `${FINGERPRINT_KEY}\n`)
    world.config({ ...CONFIG, log: undefined })
    expect((await logOf('--fingerprint-key-file', 'key')).lines).toHaveLength(1)
    world.write('key', FINGERPRINT_KEY.replace('a', 'b'))
    expect((await logOf('--fingerprint-key-file', 'key')).lines).toHaveLength(0)
  })

  test.each([
    [{ ...CONFIG, log: undefined }, [], /every instance names tokens with a random key of its own/],
    [
      { ...CONFIG, log: { fingerprintKey: { env: 'OTHER' } } },
      [],
      /set OTHER, or pass --fingerprint-key-file$/,
    ],
    [CONFIG, ['--fingerprint-key-file', 'short'], /it has 32 characters or more$/],
  ])('says why nothing can be found', async (config, args, because) => {
    world.config(config)
    world.write('log', lineOf({}))
    world.write('short', 'short')
    expect((await logOf(...args)).because).toMatch(because)
  })

  test('says so where no decision is about the token', async () => {
    world.write('log', `${JSON.stringify(LINE)}\n`)
    const { text } = await world.explain('GET', '/orders', '--log', 'log')
    expect(text).toContain('None of the 1 decisions in the log is about this token')
    world.write('log', 'nothing\n')
    expect((await world.explain('GET', '/orders', '--log', 'log')).text).toContain(
      'The log has no decision at all',
    )
  })

  test('a decision by another configuration is told', async () => {
    world.config({ ...CONFIG, issuers: { main: MAIN }, aws: { strategy: 'off' } })
    world.write('log', lineOf({ plan: 'anotherplan1', time: NOW - 60, code: 'insufficient_scope' }))
    const { text } = await world.explain('GET', '/orders', '--log', 'log')
    expect(text).toMatch(/by another configuration: plan anotherplan1, and this one is [\w-]{12} \(aws\)/)
    const [, plan] = /this one is ([\w-]{12}) \(aws\)/.exec(text) ?? []
    world.write('log', lineOf({ plan, time: NOW - 60, code: 'insufficient_scope' }))
    expect((await world.explain('GET', '/orders', '--log', 'log')).text).not.toContain(
      'another configuration',
    )
  })

  test('a log that cannot be read is a wrong call', async () => {
    for (const file of ['missing', '.']) {
      const { exitCode, errors } = await world.explain('GET', '/orders', '--log', file)
      expect([exitCode, errors]).toEqual([2, expect.stringMatching(/^--log: cannot be read \(E\w+\)\.$/)])
    }
  })
})
