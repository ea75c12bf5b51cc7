// What in wrangler.toml could answer a request before the Worker does, or let one past it. Reads the settings of one
// environment as wrangler does; what only the dashboard knows (a route that fails open) is not here.
// https://developers.cloudflare.com/workers/cache/, /workers/static-assets/, /workers/configuration/

import type { ResolvedConfig } from '../../shared/index.ts'

export type WranglerSettings = Readonly<Record<string, unknown>>

interface FailOpenRow {
  readonly setting: string
  readonly why: string
  readonly found: (settings: WranglerSettings, config: ResolvedConfig | null) => boolean
}

const STRICTLY_PUBLIC = 'global_fetch_strictly_public'

const flags = ({ compatibility_flags: listed }: WranglerSettings): readonly unknown[] =>
  Array.isArray(listed) ? listed : []

const sameZone = (config: ResolvedConfig | null): boolean => config?.origin?.sameZone === true

export const FAIL_OPEN_ROWS: readonly FailOpenRow[] = [
  {
    setting: 'cache',
    why: 'a cache in front of the Worker answers before anything is authorized',
    found: ({ cache }) => cache !== undefined && (cache as { enabled?: unknown } | null)?.enabled !== false,
  },
  {
    setting: 'assets',
    why: 'static assets are served before the Worker runs',
    found: ({ assets }) => assets !== undefined,
  },
  {
    setting: 'site',
    why: 'static assets have no place beside an authorizer',
    found: ({ site }) => site !== undefined,
  },
  {
    setting: 'workers_dev',
    why: "must be false: the workers.dev address has none of the zone's settings",
    found: ({ workers_dev: on }) => on !== false,
  },
  {
    setting: 'preview_urls',
    why: 'a preview address keeps an old version of the rules in reach',
    found: ({ preview_urls: on }) => on === true,
  },
  {
    setting: `compatibility_flags: ${STRICTLY_PUBLIC}`,
    why: 'is missing: a fetch within the zone would go past Workers and the settings of the zone',
    found: (settings, config) => !sameZone(config) && !flags(settings).includes(STRICTLY_PUBLIC),
  },
  {
    setting: `compatibility_flags: ${STRICTLY_PUBLIC}`,
    why: 'has to go where origin.sameZone is true: the Worker would call itself',
    found: (settings, config) => sameZone(config) && flags(settings).includes(STRICTLY_PUBLIC),
  },
]

/** Everything that could fail open, as `setting: why`. `config`: of the stage that is deployed there, if it resolves. */
export const findFailOpen = (settings: WranglerSettings, config: ResolvedConfig | null): readonly string[] =>
  FAIL_OPEN_ROWS.filter(({ found }) => found(settings, config)).map(
    ({ setting, why }) => `${setting}: ${why}`,
  )
