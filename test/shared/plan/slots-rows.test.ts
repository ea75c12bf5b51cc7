// Every case row through a plan as it is deployed: as JSON, with a slot for every setting that may be open, and with the
// parts that the build names and no others.

import { expect } from 'vitest'
import { compileFor, type EdgeCompiler } from '../../../shared/compiler.ts'
import { OPEN_SETTINGS } from '../../../shared/config/open-settings.ts'
import { assemble, combineParts, fill, type Part, type Plan } from '../../../shared/edge.ts'
import type { LanekeeperConfig } from '../../../shared/index.ts'
import { checkRequest } from '../../../shared/parts/check-request.ts'
import { checkEdge } from '../../edges/check-edge.ts'
import { coreEdgeOf } from '../../edges/core-edge.ts'
import type { OpenEdge } from '../../edges/edge.ts'
import { rowsFor } from '../../edges/rows-for.ts'
import { settingAt, stringsIn, withString } from './strings.ts'

/** An edge that adds nothing to the core. */
const CORE_EDGE: EdgeCompiler = {
  name: 'cloudflare',
  environment: {},
  sections: [],
  compile: () => ({ derived: {}, parts: [] }),
}

/** The configuration with a variable in place of every string that may be open, and the variables. */
function openEverything(config: LanekeeperConfig): readonly [LanekeeperConfig, Record<string, string>] {
  const values: Record<string, string> = {}
  const open = stringsIn(config, '').filter((path) =>
    (OPEN_SETTINGS as readonly string[]).includes(settingAt(path)),
  )
  const opened = open.reduce((so, path, index) => {
    const name = `SLOT_${index}`
    return withString(so, path, `\${env:${name}}`, (text) => void (values[name] = text))
  }, config)
  return [opened, values]
}

async function loadPart(name: string): Promise<Part> {
  const exported = (await import(`../../../shared/parts/${name}.ts`)) as Record<string, Part>
  return Object.assign({}, ...Object.values(exported)) as Part
}

const openPlannedEdge: OpenEdge = async (config, secrets = {}) => {
  const [opened, values] = openEverything(config)
  const { plan, parts: used, open } = compileFor(CORE_EDGE, opened, {}, true)
  expect(open.length).toBeGreaterThan(50)
  const parts = combineParts(...(await Promise.all(used.map(({ name }) => loadPart(name)))), checkRequest)
  const deployed = JSON.parse(JSON.stringify(plan)) as Plan
  const env = { ...secrets, ...values }
  const filled = fill(deployed, 'cloudflare', env, parts)
  return coreEdgeOf((ports) => assemble(filled, ports, parts), env)
}

checkEdge('core', openPlannedEdge, rowsFor('core'))
