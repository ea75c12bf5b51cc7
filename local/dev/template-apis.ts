// The APIs of a CloudFormation template: that of serverless.yml, or one that another tool has written. Its authorizers
// run the artefact of this run, whatever code the template names for them. Its other functions run if their code is at
// hand: in the zip of osls, or in an asset of the CDK; the origin answers for the rest.

import { existsSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { oslsPackager } from '../../cli/osls-packager.ts'
import { archivesOf, loadYauzl } from '../../cli/package-check.ts'
import { NotCompared } from '../../cli/project-tool.ts'
import { Stop } from '../../cli/stop.ts'
import { openTemplates } from '../../cli/template/open.ts'
import { unpackDeploymentPackage, type Model } from '../api-gateway/index.ts'
import type { LambdaFunction } from '../api-gateway/model.ts'
import { readTemplate } from '../api-gateway/template.ts'
import { ORIGIN_ID, SOCKET_ID } from './api-model.ts'
import { API_TITLES, type ApiName } from './choose-authorizers.ts'
import { isObject } from './json-object.ts'
import { LOCAL_STAGE } from './derive-stage.ts'

/** A function of the user that runs here. */
export interface OwnFunction {
  readonly lambda: LambdaFunction
  readonly codeDirectory: string
}

export interface TemplateApis {
  readonly model: Model
  /** As `ApiModel.authorizers`. */
  readonly authorizers: ReadonlyMap<string, string | null>
  readonly functions: readonly OwnFunction[]
  /** Functions for which the origin answers. */
  readonly elsewhere: readonly string[]
  readonly leftOut: readonly string[]
}

const authorizersOf = ({ restApi, httpApi, webSocketApi }: Model): ReadonlySet<string> =>
  new Set(
    [
      ...(restApi?.resources.flatMap(({ methods }) => [...methods.values()]) ?? []),
      ...(httpApi?.routes ?? []),
      ...(webSocketApi?.routes ?? []),
    ].flatMap(({ authorizer }) => authorizer?.functionId ?? []),
  )

const MEMBERS = { rest: 'restApi', http: 'httpApi', websocket: 'webSocketApi' } as const

/** The model with the wanted APIs alone, and every wanted one that it lacks. */
function selectApis(model: Model, wanted: readonly ApiName[] | null): { model: Model; leftOut: string[] } {
  if (wanted === null) return { model, leftOut: [] }
  const kept = Object.entries(MEMBERS).filter(([name]) => !wanted.includes(name as ApiName))
  const dropped: readonly string[] = kept.map(([, member]) => member)
  return {
    model: Object.fromEntries(
      Object.entries(model).filter(([name]) => !dropped.includes(name)),
    ) as unknown as Model,
    leftOut: wanted
      .filter((name) => model[MEMBERS[name]] === undefined)
      .map((name) => `${API_TITLES[name]}: the template has none`),
  }
}

/** The folder that the CDK names in the metadata of a function, or SAM in its CodeUri, beside the template. */
function assetOf(template: unknown, logicalId: string, directory: string): string | null {
  const resources = isObject(template) && isObject(template['Resources']) ? template['Resources'] : {}
  const resource = resources[logicalId]
  const metadata = isObject(resource) && isObject(resource['Metadata']) ? resource['Metadata'] : {}
  const path = metadata['aws:asset:path']
  if (typeof path !== 'string') return null
  const folder = resolve(directory, path)
  return existsSync(folder) && statSync(folder).isDirectory() ? folder : null
}

const hasModule = (folder: string, { handler }: LambdaFunction): boolean => {
  const module = join(folder, handler.replace(/\.[^./]+$/, ''))
  return ['.js', '.mjs', '.cjs'].some((extension) => existsSync(module + extension))
}

interface Source {
  readonly template: unknown
  /** The folder with the code of a function, or `null`. */
  folderOf(lambda: LambdaFunction): string | null
}

/** @throws {Stop} if osls is missing (exit code 2) or cannot package serverless.yml (1). */
async function packageServerless(root: string, scratch: string): Promise<Source> {
  const packaged = await oslsPackager.package([LOCAL_STAGE], scratch, root).catch((error: unknown) => {
    if (!(error instanceof NotCompared)) throw error
    if (/not installed/.test(error.message))
      throw new Stop(
        'serverless.yml is packaged with the osls of the project; run: npm install --save-dev osls',
        2,
      )
    throw new Stop(`serverless.yml: ${error.message}.`, 1)
  })
  const file = packaged.get(LOCAL_STAGE)!
  const [archive] = await archivesOf(file)
  const code = join(scratch, 'code')
  if (archive !== undefined && existsSync(archive)) {
    const { openPromise } = await loadYauzl(root)
    await unpackDeploymentPackage(archive, code, async () => openPromise)
  }
  return { template: JSON.parse(await readFile(file, 'utf8')), folderOf: () => code }
}

/** @throws {Stop} if the file is no template (exit code 2). */
function readGiven(name: string, cwd: string): Source {
  const { template } = openTemplates([name], cwd, new Map())
  const folder = dirname(resolve(cwd, name))
  return { template, folderOf: ({ logicalId }) => assetOf(template, logicalId, folder) }
}

export interface TemplateRequest {
  /** The template that the person named; `null`: serverless.yml in `root`. */
  readonly file: string | null
  readonly cwd: string
  readonly root: string
  /** An empty folder. */
  readonly scratch: string
  readonly wanted: readonly ApiName[] | null
}

/**
 * @throws {TemplateError} with everything in the template that cannot run here.
 * @throws {Stop} if there is no template.
 */
export async function readApis({ file, cwd, root, scratch, wanted }: TemplateRequest): Promise<TemplateApis> {
  const { template, folderOf } = file === null ? await packageServerless(root, scratch) : readGiven(file, cwd)
  const { model, leftOut } = selectApis(readTemplate(template), wanted)
  const authorizers = authorizersOf(model)
  const others = model.functions.filter(({ logicalId }) => !authorizers.has(logicalId))
  const functions = others.flatMap((lambda) => {
    const codeDirectory = folderOf(lambda)
    return codeDirectory !== null && hasModule(codeDirectory, lambda) ? [{ lambda, codeDirectory }] : []
  })
  const running = new Set(functions.map(({ lambda }) => lambda.logicalId))
  const entryOf = (logicalId: string): string | null => {
    const name = model.functions.find((one) => one.logicalId === logicalId)?.environment[
      'LANEKEEPER_AUTHORIZER'
    ]
    return typeof name === 'string' && name !== '' ? name : null
  }
  return {
    model: atOrigin(model, running),
    authorizers: new Map([...authorizers].map((id) => [id, entryOf(id)])),
    functions,
    elsewhere: others.map(({ logicalId }) => logicalId).filter((id) => !running.has(id)),
    leftOut,
  }
}

/** The model with the origin in place of functions whose code is not at hand. */
function atOrigin(model: Model, running: ReadonlySet<string>): Model {
  const { restApi, httpApi, webSocketApi } = model
  const place = <Route extends { functionId: string }>(route: Route, other: string): Route =>
    running.has(route.functionId) || route.functionId === '' ? route : { ...route, functionId: other }
  return {
    ...model,
    ...(restApi && {
      restApi: {
        ...restApi,
        resources: restApi.resources.map((resource) => ({
          ...resource,
          methods: new Map([...resource.methods].map(([name, method]) => [name, place(method, ORIGIN_ID)])),
        })),
      },
    }),
    ...(httpApi && { httpApi: { ...httpApi, routes: httpApi.routes.map((one) => place(one, ORIGIN_ID)) } }),
    ...(webSocketApi && {
      webSocketApi: { ...webSocketApi, routes: webSocketApi.routes.map((one) => place(one, SOCKET_ID)) },
    }),
  }
}
