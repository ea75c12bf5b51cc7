// Settings of wrangler.toml that could let a request past the Worker: each is found, and the shipped file has none.

import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { unstable_readConfig } from 'wrangler'
import config from '../../lanekeeper.config.ts'
import { FAIL_OPEN_ROWS, findFailOpen, type WranglerSettings } from '../../functions/local/fail-open.ts'
import { resolveConfig, type LanekeeperConfig } from '../../shared/index.ts'

const ROOT = join(import.meta.dirname, '../..')
const GOOD = { workers_dev: false, compatibility_flags: ['global_fetch_strictly_public'] }
const resolved = resolveConfig(config, { stage: 'production' })
const sameZone = resolveConfig({ ...config, origin: { sameZone: true } } as LanekeeperConfig, {
  stage: 'production',
})

test.each([undefined, 'staging'])('the shipped file has none of them, in the environment %s', (env) => {
  const settings = unstable_readConfig({ config: join(ROOT, 'wrangler.toml'), env })
  expect(findFailOpen(settings as unknown as WranglerSettings, resolved)).toEqual([])
})

describe('is found', () => {
  test.each<[string, WranglerSettings, string]>([
    ['a cache', { ...GOOD, cache: { enabled: true } }, 'cache'],
    ['a cache that does not say', { ...GOOD, cache: {} }, 'cache'],
    ['assets', { ...GOOD, assets: { directory: 'public', run_worker_first: true } }, 'assets'],
    ['a site', { ...GOOD, site: { bucket: 'public' } }, 'site'],
    ['the workers.dev address', { ...GOOD, workers_dev: true }, 'workers_dev'],
    ['the workers.dev address by default', { ...GOOD, workers_dev: undefined }, 'workers_dev'],
    ['previews', { ...GOOD, preview_urls: true }, 'preview_urls'],
    ['a fetch past the zone', { ...GOOD, compatibility_flags: [] }, 'compatibility_flags'],
  ])('%s', (_, settings, setting) => {
    expect(findFailOpen(settings, resolved).map((problem) => problem.split(':')[0])).toEqual([setting])
  })

  test('a Worker that would call itself', () => {
    expect(findFailOpen(GOOD, sameZone)).toEqual([
      'compatibility_flags: global_fetch_strictly_public: has to go where origin.sameZone is true: the Worker would call itself',
    ])
    expect(findFailOpen({ ...GOOD, compatibility_flags: [] }, sameZone)).toEqual([])
  })

  test('nothing where everything is off', () => {
    expect(findFailOpen({ ...GOOD, cache: { enabled: false }, preview_urls: false }, resolved)).toEqual([])
    expect(FAIL_OPEN_ROWS).toHaveLength(7)
  })
})
