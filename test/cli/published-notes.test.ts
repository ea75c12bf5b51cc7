// The notes of check:config about discovery: rules whose challenges can name no metadata, and rules that do not apply
// because the Worker serves a document of its own at their path.

import { expect, test } from 'vitest'
import { findHiddenRules, findUndiscoverable } from '../../cli/published-notes.ts'
import { resolveConfig, type LanekeeperConfig } from '../../shared/index.ts'

const API = 'https://api.example.com'

function notesOn(resources: readonly string[], ...paths: string[]): readonly string[][] {
  const config: LanekeeperConfig = {
    issuers: {
      main: {
        issuer: 'https://login.example.com',
        audience: ['urn:others', ...resources],
        profile: 'rfc9068',
        keys: { discovery: 'openid-configuration' },
      },
    },
    routes: [
      { path: '/health', methods: ['GET'], public: true },
      ...paths.map((path) => ({ path, methods: ['GET'], scope: 'none' }) as const),
    ],
    ...(resources.length === 0 ? {} : { resources: resources.map((identifier) => ({ identifier })) }),
  }
  const resolved = resolveConfig(config)
  return [findUndiscoverable(resolved), findHiddenRules(resolved)].map((notes) => [...notes])
}

const SAID = 'metadata (RFC 9728): add a resource for the whole host if clients are to find the issuer'

test.each<[readonly string[], readonly string[], string | null]>([
  [[], ['/orders'], `no challenge names ${SAID}`],
  [[`${API}/mcp`], ['/orders'], `no challenge names ${SAID}`],
  [[`${API}/mcp`], ['/orders', '/mcp'], `challenges of GET /orders may not name ${SAID}`],
  [[`${API}/mcp`], ['/{a}', '/mcp/{a}'], `challenges of GET /{a} may not name ${SAID}`],
  [[`${API}/mcp`], ['/mcp', '/mcp/{a+}'], null],
  [[API], ['/orders', '/{a}'], null],
  [[`${API}/mcp`], ['/mcp', '$connect'], null],
  [[], [], null],
])('with the resources %j and the rules %j', (resources, paths, note) => {
  expect(notesOn(resources, ...paths)[0]).toEqual(note === null ? [] : [note])
})

test('a rule for everything does not apply where the Worker serves a document', () => {
  const hidden = (rule: string, path: string) =>
    `${rule} does not apply at ${path}, where the Worker serves the metadata of the resource ${API}/mcp`
  const path = '/.well-known/oauth-protected-resource/mcp'
  expect(notesOn([`${API}/mcp`], '/mcp', '/{a+}')[1]).toEqual([hidden('GET /{a+}', path)])
  expect(notesOn([`${API}/mcp`], '/mcp', '/{a}')[1]).toEqual([])
  expect(notesOn([], '/{a+}')[1]).toEqual([])
})
