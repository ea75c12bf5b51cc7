import { describe, expect, test } from 'vitest'
import { selectHttpRoute } from '../../../local/api-gateway/http-route.ts'
import { readTemplate } from '../../../local/api-gateway/template.ts'
import { selectRestRoute } from '../../../local/api-gateway/rest-route.ts'
import { httpTemplate, restTemplate } from './template-builder.ts'

describe('REST API', () => {
  const methods = [
    'GET /',
    'GET /orders',
    'ANY /orders/{id}',
    'DELETE /orders/{id}',
    'GET /orders/latest',
    'GET /orders/{id}/lines',
    'ANY /files/{proxy+}',
    'GET /a/b/c',
    'GET /{first}/x/y',
  ]
  const { resources } = readTemplate(restTemplate({ methods })).restApi!

  test.each<[string, string, string | undefined, object | null]>([
    ['GET', '/', '/', null],
    ['GET', '/orders', '/orders', null],
    ['GET', '/orders/', '/orders', null],
    ['GET', '/orders/7', '/orders/{id}', { id: '7' }],
    ['GET', '/orders/7%2F8', '/orders/{id}', { id: '7%2F8' }],
    ['GET', '/orders/latest', '/orders/latest', null],
    ['GET', '/orders/latest/lines', '/orders/{id}/lines', { id: 'latest' }],
    ['GET', '/files/a/b/', '/files/{proxy+}', { proxy: 'a/b' }],
    ['GET', '/files/a//b', '/files/{proxy+}', { proxy: 'a//b' }],
    ['GET', '/a/x/y', '/{first}/x/y', { first: 'a' }],
    ['GET', '/files', undefined, null],
    ['GET', '/files/', undefined, null],
    ['GET', '/orders//', undefined, null],
    ['GET', '/orders//lines', undefined, null],
    ['GET', '/Orders', undefined, null],
    ['GET', '/%6frders', undefined, null],
    ['GET', '/a', undefined, null],
  ])('%s %s selects %s', (method, path, expected, parameters) => {
    const route = selectRestRoute(resources, method, path)
    expect(route?.resource.path).toBe(expected)
    expect(route?.pathParameters ?? null).toEqual(parameters)
  })

  test.each<[string, string, boolean]>([
    ['GET', '/orders', true],
    ['POST', '/orders', false],
    ['PATCH', '/orders/7', true],
    ['POST', '/orders/latest', false],
    ['PROPFIND', '/orders/7', false],
  ])('%s %s finds a method: %s', (method, path, expected) => {
    expect(selectRestRoute(resources, method, path)?.method !== undefined).toBe(expected)
  })
})

describe('HTTP API', () => {
  const keys = [
    '$default',
    'GET /pets/dog/1',
    'GET /pets/dog/{id}',
    'ANY /pets/dog/{id}',
    'GET /pets/{proxy+}',
    'GET /pets/dog/{proxy+}',
    'ANY /{proxy+}',
    'ANY /pets',
    'GET /',
  ]
  const routes = readTemplate(httpTemplate({ routes: keys })).httpApi!.routes

  test.each<[string, string, string, object | undefined]>([
    ['GET', '/', 'GET /', undefined],
    ['GET', '/pets/dog/1', 'GET /pets/dog/1', undefined],
    ['GET', '/pets/dog/2', 'GET /pets/dog/{id}', { id: '2' }],
    ['POST', '/pets/dog/2', 'ANY /pets/dog/{id}', { id: '2' }],
    ['GET', '/pets/cat/1', 'GET /pets/{proxy+}', { proxy: 'cat/1' }],
    ['GET', '/pets/dog/1/', 'GET /pets/dog/{proxy+}', { proxy: '1/' }],
    ['GET', '/pets', 'ANY /pets', undefined],
    ['GET', '/pets/', 'ANY /{proxy+}', { proxy: 'pets/' }],
    ['POST', '/test/5', 'ANY /{proxy+}', { proxy: 'test/5' }],
    ['POST', '/', '$default', undefined],
    ['PROPFIND', '/pets', '$default', undefined],
  ])('%s %s selects %s', (method, path, expected, parameters) => {
    const selected = selectHttpRoute(routes, method, path)
    expect(selected?.route.key).toBe(expected)
    expect(selected?.pathParameters).toEqual(parameters)
  })

  test('without $default an unknown path selects nothing', () => {
    const { routes } = readTemplate(httpTemplate({ routes: ['GET /orders'] })).httpApi!
    expect(selectHttpRoute(routes, 'GET', '/orders/')).toBeUndefined()
    expect(selectHttpRoute(routes, 'POST', '/orders')).toBeUndefined()
  })
})
