// One suite from its folder to its tallies. Data that cannot be read counts as wrong, and every suite ends with a good
// token that must still pass: a run in which nothing could pass would prove nothing.

import type { Part, Suite } from './suite.ts'
import { runPart, unreadable, type Tally } from './tally.ts'
import { vectorKeysIn } from './vector-keys.ts'
import { openVectorWorld, type VectorWorld } from './world.ts'

async function goodTokens(world: VectorWorld): Promise<Part> {
  const tokens = await world.goodTokens()
  return {
    name: 'good tokens of ours, beside its keys',
    cases: tokens.map((token, index) => ({
      id: `key set ${index + 1}`,
      expect: 'accept',
      run: () => world.asBearer(token),
    })),
  }
}

/** Never throws. `progress` is called with each part before it runs; the world is opened for the keys in the suite. */
export async function runSuite(
  suite: Suite,
  directory: string,
  progress: (text: string) => void,
  openWorld = openVectorWorld,
): Promise<Tally[]> {
  let world: VectorWorld | undefined
  const tallies: Tally[] = []
  try {
    progress(`${suite.folder}: opening the edges`)
    world = await openWorld(vectorKeysIn(directory))
    for (const part of [...suite.parts(directory, world), await goodTokens(world)]) {
      progress(`${suite.folder}: ${part.name} (${part.cases.length})`)
      tallies.push(await runPart(suite.folder, part))
    }
  } catch (error) {
    tallies.push(unreadable(suite.folder, error))
  } finally {
    await world?.close()
  }
  return tallies
}
