// The functions of a page behind a local API Gateway: `osls package` makes what would be uploaded. The functions take the
// issuer of this run for the issuer of the page, so that no file of the page has to be changed: its requests by
// node:https go there.

import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  createLambdaRuntime,
  startApiGateway,
  unpackDeploymentPackage,
} from '../../../local/api-gateway/index.ts'
import { LOOPBACK_CERTIFICATE } from '../../support/loopback-certificate.ts'
import { mustRunIn } from '../../support/hand-made-project.ts'
import type { PageIssuer } from '../issuer.ts'
import { buildProject, makeProject, type Files, type StartSide } from './side.ts'

const MODULES = join(import.meta.dirname, '../node_modules')

/** A module that every function loads first. */
const rerouteTo = (authority: string): string => `
import { syncBuiltinESMExports } from 'node:module'
const https = process.getBuiltinModule('node:https')
const { request } = https
https.request = (url, options, ...rest) => {
  const there = new URL(url)
  there.host = ${JSON.stringify(authority)}
  return request(there, { ...options, ca: ${JSON.stringify(LOOPBACK_CERTIFICATE)}, servername: '' }, ...rest)
}
syncBuiltinESMExports()
`

export interface LambdaSideOptions {
  readonly issuer: PageIssuer
  readonly files: Files
  readonly api: 'http' | 'rest'
  /** Packages of test/migrations that the functions import. */
  readonly modules?: readonly string[]
  readonly onLog?: (line: string) => void
}

/** Packages the project. A project with a `lanekeeper.config.ts` is built first. */
export async function lambdaSide({
  issuer,
  files,
  api,
  modules = [],
  onLog = () => {},
}: LambdaSideOptions): Promise<StartSide> {
  const folder = makeProject(files)
  for (const name of modules)
    cpSync(join(MODULES, name), join(folder, 'node_modules', name), { recursive: true })
  if ('lanekeeper.config.ts' in files) buildProject(folder, 'aws')
  mustRunIn(folder, 'osls', ['package'])
  const packaged = join(folder, '.serverless')
  const template: unknown = JSON.parse(
    readFileSync(join(packaged, 'cloudformation-template-update-stack.json'), 'utf8'),
  )
  const codeDirectory = join(folder, 'code')
  mkdirSync(codeDirectory)
  await unpackDeploymentPackage(join(packaged, 'orders.zip'), codeDirectory)
  const preload = join(folder, 'reroute.mjs')
  writeFileSync(preload, rerouteTo(new URL(issuer.origin).host))
  return async () => {
    const runtime = createLambdaRuntime({
      template,
      codeDirectory,
      environment: { NODE_OPTIONS: `--import=${preload}` },
      onLog: (_, line) => onLog(line),
    })
    const gateway = await startApiGateway({ template, invoke: runtime.invoke, ports: { rest: 0, http: 0 } })
    return {
      url: (api === 'http' ? gateway.httpUrl : gateway.restUrl)!,
      async close() {
        await gateway.close()
        await runtime.close()
      },
    }
  }
}
