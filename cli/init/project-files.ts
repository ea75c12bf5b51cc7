// Every file that init writes for the answers of a person.

import { CONFIG_FILES } from '../load-config.ts'
import type { Answers } from './answers.ts'
import { cdkFiles } from './cdk-files.ts'
import { printConfig } from './configuration.ts'
import type { ProjectFile } from './file.ts'
import type { FoundIssuer } from './issuer.ts'
import { oslsFiles } from './osls-files.ts'
import { samFiles } from './sam-files.ts'
import { wranglerFiles } from './wrangler-files.ts'

const TOOLS = { osls: oslsFiles, cdk: cdkFiles, sam: samFiles } as const

const [CONFIG_FILE, ...OTHER_CONFIG_FILES] = CONFIG_FILES as readonly [string, ...string[]]

export const configFile = (answers: Answers, found: FoundIssuer): ProjectFile => ({
  path: CONFIG_FILE,
  text: printConfig(answers, found),
  alternatives: OTHER_CONFIG_FILES,
})

/** The configuration comes first. */
export function projectFiles(answers: Answers, found: FoundIssuer): readonly ProjectFile[] {
  const { origin, aws } = answers
  return [
    configFile(answers, found),
    ...(origin === null ? [] : wranglerFiles(answers)),
    ...(aws === null ? [] : TOOLS[aws.tool](answers, aws.api)),
  ]
}
