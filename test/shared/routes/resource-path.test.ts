// Which resource a path belongs to, and which resources a template reaches into: rows, and a property that the first
// never returns a resource that the second leaves out. RFC 9728 section 3, RFC 8707 section 2.

import { describe, expect, test } from 'vitest'
import type { ResolvedResource } from '../../../shared/config/config.ts'
import { isCovered } from '../../../shared/plan/values/published.ts'
import { assignResources } from '../../../shared/plan/values/resources.ts'
import { findResource, reaches } from '../../../shared/routes/resource-path.ts'

const resource = (path: string) => ({ path, identifier: `https://a.example${path}` }) as ResolvedResource

const HOST = resource('')
const MCP = resource('/mcp')
const TOOLS = resource('/mcp/tools')
const AT = resource('/@me')
const SLASH = resource('/slash/')
const CAFE = resource('/caf%c3%a9')
const ALL = [MCP, HOST, AT, TOOLS, SLASH, CAFE]

describe('a path belongs to the resource with the longest path that it lies at or below', () => {
  test.each<[string, ResolvedResource]>([
    ['/', HOST],
    ['/mcp', MCP],
    ['/mcp/', MCP],
    ['/mcp/a/b', MCP],
    ['/mcp/tools', TOOLS],
    ['/mcp/tools/a', TOOLS],
    ['/mcp/toolshed', MCP],
    ['/mcpx', HOST],
    ['/MCP', HOST],
    ['/slash', SLASH],
    ['/slash/a', SLASH],
    ['/caf%C3%A9/a', CAFE],
    ['/caf%c3%a9', CAFE],
    ['/@me/a', AT],
    ['/x%40me', HOST],
  ])('%s', (path, expected) => {
    expect(findResource(path, ALL)).toBe(expected)
    expect(findResource(path, ALL.toReversed())).toBe(expected)
  })

  test('and to none if it lies outside of all', () => {
    expect(findResource('/orders', [MCP, AT])).toBeNull()
    expect(findResource('/mcp', [])).toBeNull()
  })

  test('unless its two readings belong to different ones', () => {
    const refused = { code: 'target_ambiguous', detail: { problem: 'resources_differ' } }
    expect(findResource('/%40me', ALL)).toEqual(refused)
    expect(findResource('/%40me', [MCP, AT])).toEqual(refused)
    expect(findResource('/mcp/%40me', ALL)).toBe(MCP)
  })
})

test.each<[string, ResolvedResource, boolean]>([
  ['/{path+}', MCP, true],
  ['/{a}/x', MCP, true],
  ['/{a}/x', TOOLS, false],
  ['/{a}/{b}', TOOLS, true],
  ['/mcp', MCP, true],
  ['/mcp', TOOLS, false],
  ['/mcp/{path+}', TOOLS, true],
  ['/orders/{path+}', MCP, false],
  ['/mcpx', MCP, false],
  ['/caf%c3%a9/{a}', CAFE, true],
  ['/orders', HOST, true],
  ['$connect', HOST, false],
])('%s reaches into %o: %s', (template, into, expected) => {
  expect(reaches(template, into)).toBe(expected)
})

test('whatever path a template covers, its resource is among those of the rule', () => {
  const parts = ['mcp', 'tools', 'orders', 'slash']
  const templates = ['/{a+}', '/{a}', '/{a}/{b}', '/mcp', '/mcp/{a}', '/mcp/{a+}', '/mcp/tools', '/{a}/tools']
  const paths = parts.flatMap((a) => [`/${a}`, ...parts.flatMap((b) => [`/${a}/${b}`, `/${a}/${b}/x`])])
  const routes = assignResources(
    templates.map((path) => ({ path, resources: [] as readonly ResolvedResource[] })),
    ALL,
  )
  let seen = 0
  for (const { path: template, resources } of routes)
    for (const path of paths.filter((each) => isCovered(each, template))) {
      seen++
      expect(resources, `${template} ${path}`).toContain(findResource(path, ALL))
      expect(findResource(path, resources)).toBe(findResource(path, ALL))
    }
  expect(seen).toBeGreaterThan(50)
  expect(routes.find(({ path }) => path === '/mcp/tools')!.resources).toEqual([TOOLS])
  expect(routes.find(({ path }) => path === '/mcp')!.resources).toEqual([MCP])
})
