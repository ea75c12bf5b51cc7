// `lanekeeper unrevoke` and `lanekeeper revocations`: what they take out of both stores and list of them.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { pagesOf } from '../../../cli/revocation/target.ts'
import { createEntryKeys } from '../../../shared/edge.ts'
import { webCrypto } from '../../../shared/index.ts'
import { startDynalite, type Dynalite } from '../../support/dynalite.ts'
import {
  configFor,
  createProject,
  ISSUER,
  listen,
  LIST_CREDENTIAL,
  REVOKE_CREDENTIAL,
  startStoreServer,
  unsigned,
  type Project,
  type StoreServer,
} from './world.ts'

const { keyOf } = createEntryKeys(webCrypto)

let dynalite: Dynalite
let server: StoreServer
let project: Project

beforeEach(async () => {
  dynalite = await startDynalite()
  for (const [name, value] of Object.entries(dynalite.env)) vi.stubEnv(name, value)
  server = await startStoreServer()
  project = createProject()
  project.writeConfig(configFor(server.url, dynalite.table))
})

afterEach(async () => {
  await dynalite.close()
  await server.close()
  project.remove()
  vi.unstubAllEnvs()
})

const find = (kind: 'sub' | 'jti' | 'issuer', id: string) => server.store.find([keyOf(kind, ISSUER, id)])[0]

describe('lanekeeper unrevoke', () => {
  test('takes an entry out of both stores, and the records keep both', async () => {
    await project.run(['revoke', '--sub', 'alice'])
    expect(find('sub', 'alice')).not.toBeNull()
    const { exitCode, out } = await project.run(['unrevoke', '--sub', 'alice', '--reason', 'a mistake'])
    expect(exitCode).toBe(0)
    expect(find('sub', 'alice')).toBeNull()
    expect(out.match(/ removed$/gm)).toHaveLength(2)
    expect(out).toContain('may add the entry again')
    const { out: records } = await project.run(['revocations', '--records'])
    expect(records.match(/ unrevoke removed sub /g)).toHaveLength(2)
    expect(records.match(/ revoke stored sub /g)).toHaveLength(2)
    expect(records.match(/ ada a mistake$/gm)).toHaveLength(2)
  })

  test('wants no --yes, and takes a token of a file', async () => {
    await project.run(['revoke', '--issuer', 'main', '--yes'])
    expect(await project.run(['unrevoke', '--issuer', 'main'])).toMatchObject({ exitCode: 0 })
    expect(find('issuer', '')).toBeNull()
    project.write('token.txt', unsigned({ iss: ISSUER, jti: 'token-1' }))
    await project.run(['revoke', '--token-file', 'token.txt'])
    expect(find('jti', 'token-1')).not.toBeNull()
    await project.run(['unrevoke', '--token-file', 'token.txt'])
    expect(find('jti', 'token-1')).toBeNull()
  })

  test('what is not there is not removed, which is no failure', async () => {
    const ran = await project.run(['unrevoke', '--sub', 'nobody', '--json'])
    expect(ran.exitCode).toBe(0)
    const name = { kind: 'sub', issuer: ISSUER, id: 'nobody' }
    expect(ran.document()).toEqual({
      version: 1,
      ok: true,
      stores: [
        expect.objectContaining({ edge: 'cloudflare', entries: [name], removed: [false], error: null }),
        expect.objectContaining({ edge: 'aws', entries: [name], removed: [false], error: null }),
      ],
      notes: [expect.any(String), expect.any(String)],
    })
  })

  test('a store that fails does not keep the other from being written', async () => {
    await project.run(['revoke', '--sub', 'bob'])
    await dynalite.stop()
    const { exitCode, out, errors } = await project.run(['unrevoke', '--sub', 'bob'])
    expect(exitCode).toBe(1)
    expect(errors).toMatch(/^DynamoDB table .*Nothing was removed there, so the Lambda still refuses/)
    expect(out).toMatch(/^store Worker .* removed$/m)
    expect(find('sub', 'bob')).toBeNull()
  })

  test.each([[[]], [['--sub', 'a', '--jti', 'b']], [['--sub', 'a', '--yes']]])(
    '%j is a wrong call',
    async (args) => {
      expect(await project.run(['unrevoke', ...args])).toMatchObject({ exitCode: 2, out: '' })
      expect(server.requests).toEqual([])
    },
  )
})

describe('lanekeeper revocations', () => {
  test('lists the entries of both stores', async () => {
    await project.run(['revoke', '--sub', 'alice', '--reason', 'left'])
    await project.run(['revoke', '--jti', 'token-1'])
    const { exitCode, out, errors } = await project.run(['revocations'])
    expect([exitCode, errors]).toEqual([0, ''])
    expect(out).toContain(`store Worker ${server.url}\n`)
    expect(out).toContain(`DynamoDB table ${dynalite.table}\n`)
    expect(out.match(new RegExp(`^sub ${ISSUER} alice until .* ada left$`, 'gm'))).toHaveLength(2)
    expect(out.match(new RegExp(`^jti ${ISSUER} token-1 whenever .* ada ?$`, 'gm'))).toHaveLength(2)
  })

  test('an empty store and an empty record say so', async () => {
    expect((await project.run(['revocations'])).out.match(/There is no entry\./g)).toHaveLength(2)
    const { out } = await project.run(['revocations', '--records'])
    expect(out.match(/The record is empty\./g)).toHaveLength(2)
  })

  test('uses the credential that only reads', async () => {
    const env = { REVOKE_CREDENTIAL: LIST_CREDENTIAL, LIST_CREDENTIAL: REVOKE_CREDENTIAL }
    expect(
      await project.run(['revocations', '--edge', 'cloudflare'], { env: { LIST_CREDENTIAL } }),
    ).toMatchObject({
      exitCode: 0,
    })
    const { exitCode, errors } = await project.run(['revocations', '--edge', 'cloudflare'], { env })
    expect([exitCode, errors]).toEqual([1, expect.stringContaining('does not accept the credential')])
  })

  test('reads every page', async () => {
    for (let index = 0; index < 60; index += 20)
      server.store.revoke(
        Array.from({ length: 20 }, (_, at) => ({
          kind: 'sub' as const,
          issuer: ISSUER,
          id: `user-${index + at}`,
          notBefore: 1_900_000_000,
          until: 4_294_967_295,
        })),
        { by: 'test' },
      )
    const pages: object[] = []
    const paged = await listen((request, response) => {
      const page = Number(new URL(request.url!, 'http://localhost').searchParams.get('page') ?? 0)
      const { items } = server.store.list(null)
      pages.push({ page })
      const body = {
        items: items.slice(page, page + 25),
        next: page + 25 < items.length ? String(page + 25) : null,
      }
      response.end(JSON.stringify(body))
    })
    try {
      const ran = await project.run(['revocations', '--edge', 'cloudflare', '--url', paged.url, '--json'])
      expect(pages).toEqual([{ page: 0 }, { page: 25 }, { page: 50 }])
      const ids = ran.document().stores[0].entries.map(({ id }: { id: string }) => id)
      expect(new Set(ids).size).toBe(60)
    } finally {
      await paged.close()
    }
  })

  test('a store that names the same page again fails', async () => {
    const read = async () => ({ items: [1], next: 'a' })
    const all = async () => {
      for await (const items of pagesOf(read)) void items
    }
    await expect(all()).rejects.toThrow('the same page again')
  })

  test('a store that fails does not keep the other from being listed', async () => {
    await project.run(['revoke', '--sub', 'alice'])
    await server.close()
    const { exitCode, out, errors } = await project.run(['revocations'])
    expect([exitCode, errors]).toEqual([1, expect.stringContaining('cannot be reached (ECONNREFUSED).')])
    expect(out).toMatch(/^sub .* alice /m)
    const ran = await project.run(['revocations', '--json'])
    expect(ran.exitCode).toBe(1)
    expect(ran.document()).toEqual({
      version: 1,
      ok: false,
      stores: [
        expect.objectContaining({ entries: [], error: expect.stringContaining('ECONNREFUSED') }),
        expect.objectContaining({ entries: [expect.objectContaining({ id: 'alice' })], error: null }),
      ],
    })
  })

  test('what others have written is escaped', async () => {
    const hostile = 'x\u001b]0;title\u0007'
    server.store.revoke([{ kind: 'sub', issuer: ISSUER, id: hostile, notBefore: 1, until: 4_294_967_295 }], {
      by: hostile,
      reason: `${hostile}\n`,
    })
    for (const more of [[], ['--records'], ['--json'], ['--records', '--json']]) {
      const { out } = await project.run(['revocations', '--edge', 'cloudflare', ...more])
      expect(out).toContain('title')
      expect(out).not.toMatch(/[\u0007\u001b]/)
    }
  })
})

test.each([['revoke'], ['unrevoke'], ['revocations']])('%s --help lists its options', async (name) => {
  const { exitCode, out } = await project.run([name, '--help'])
  expect([exitCode, out.split(' ').slice(0, 2)]).toEqual([0, ['lanekeeper', name]])
  expect(out).toContain('--credential-file FILE')
})
