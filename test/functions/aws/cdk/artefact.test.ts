// What a construct reads at synth, and every artefact that it refuses.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readArtefact } from '../../../../functions/aws/cdk/artefact.ts'
import { DeploymentError } from '../../../../functions/aws/cdk/problems.ts'
import { configOf, described } from '../deployment/described.ts'

const CODE = { 'authorizer.mjs': 'export const handler = 1', 'chunks/sdk.mjs': 'export {}' }
const digest = (text: string) => createHash('sha256').update(text).digest('base64url')
const FILES = Object.fromEntries(Object.entries(CODE).map(([name, text]) => [name, digest(text)]))
const { description } = described(configOf(), '', FILES)

let parent: string
let folder: string

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'lanekeeper-cdk-'))
  folder = join(parent, 'lambda')
  mkdirSync(join(folder, 'chunks'), { recursive: true })
  for (const [name, text] of Object.entries(CODE)) writeFileSync(join(folder, name), text)
  describeAs(description)
})

afterEach(() => rmSync(parent, { recursive: true }))

const describeAs = (content: unknown) =>
  writeFileSync(`${folder}.json`, typeof content === 'string' ? content : JSON.stringify(content))

function problems(): readonly string[] {
  try {
    readArtefact(folder)
    return []
  } catch (error) {
    if (!(error instanceof DeploymentError)) throw error
    expect(error.message).toContain(error.problems.map((problem) => `- ${problem}`).join('\n'))
    return error.problems.map((problem) => problem.replaceAll(folder, 'lambda'))
  }
}

test('reads the description of a folder that is as it was built', () => {
  expect(readArtefact(folder)).toEqual({
    folder,
    description: JSON.parse(readFileSync(`${folder}.json`, 'utf8')),
  })
})

const AGAIN = 'run npx lanekeeper build --edge aws again'

test.each<[string, () => void, readonly string[]]>([
  [
    'no folder',
    () => rmSync(folder, { recursive: true }),
    ['lambda is not there; run npx lanekeeper build --edge aws'],
  ],
  [
    'no description',
    () => rmSync(`${folder}.json`),
    ['lambda.json is not there; run npx lanekeeper build --edge aws'],
  ],
  [
    'neither',
    () => {
      rmSync(folder, { recursive: true })
      rmSync(`${folder}.json`)
    },
    [
      'lambda is not there; run npx lanekeeper build --edge aws',
      'lambda.json is not there; run npx lanekeeper build --edge aws',
    ],
  ],
  [
    'a foreign file',
    () => describeAs({ name: 'other' }),
    ['lambda.json is no description that lanekeeper build has written; run npx lanekeeper build --edge aws'],
  ],
  [
    'a file that is no JSON',
    () => describeAs('{'),
    ['lambda.json is no description that lanekeeper build has written; run npx lanekeeper build --edge aws'],
  ],
  [
    'another format',
    () => describeAs({ ...description, version: 2 }),
    [
      'lambda.json has the format 2, and lanekeeper/cdk reads 1; build with the same version of Lanekeeper: npx lanekeeper build --edge aws',
    ],
  ],
  [
    'another version of Lanekeeper',
    () => describeAs({ ...description, lanekeeper: '0.1.0' }),
    [`lambda.json was written by Lanekeeper 0.1.0, and lanekeeper/cdk is 0.2.0; ${AGAIN}`],
  ],
  [
    'other bytes',
    () => writeFileSync(join(folder, 'authorizer.mjs'), 'export const handler = 2'),
    [`lambda/authorizer.mjs has other bytes than the build that lambda.json describes; ${AGAIN}`],
  ],
  [
    'a file less and a file more',
    () => {
      rmSync(join(folder, 'chunks'), { recursive: true })
      writeFileSync(join(folder, '.env'), 'SECRET=1')
    },
    [
      `lambda/chunks/sdk.mjs is missing; ${AGAIN}`,
      'lambda/.env is not of this build; take it out, or run npx lanekeeper build --edge aws again',
    ],
  ],
])('refuses %s', (_, change, expected) => {
  change()
  expect(problems()).toEqual(expected)
})
