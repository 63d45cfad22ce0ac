/** @file Schemas of the kinds that the public test suite of JSON Schema has, with values that meet them and values that do not. */

export interface Case {
  readonly kind: string
  readonly schema: Record<string, unknown> | boolean
  readonly valid: readonly unknown[]
  readonly invalid: readonly unknown[]
  /** The draft whose keywords it has; 2020-12 where none is told. */
  readonly draft?: 7
}

type Row = readonly [schema: Case['schema'], valid: readonly unknown[], invalid: readonly unknown[]]

const person = {
  type: 'object',
  properties: { name: { type: 'string', minLength: 1 }, age: { type: 'integer', minimum: 0, maximum: 150 } },
  required: ['name'],
  additionalProperties: false,
}
const tree = {
  $defs: {
    node: {
      type: 'object',
      properties: { value: { type: 'number' }, children: { type: 'array', items: { $ref: '#/$defs/node' } } },
      required: ['value'],
      additionalProperties: false,
    },
  },
  $ref: '#/$defs/node',
}

const plain: Readonly<Record<string, readonly Row[]>> = {
  'boolean schema': [
    [true, [1, 'a', null, [1], { a: 1 }], []],
    [{}, [true, -2.5, '\u00e9\ud83d\ude00"\\\n'], []],
    [{ items: true, type: 'array' }, [[], [1, 'x', null]], [{}]],
    [{ type: 'object', properties: { a: true, b: false } }, [{}, { a: 1 }], [{ b: 1 }, { a: 1, b: 2 }]],
  ],
  type: [
    [{ type: 'null' }, [null], [0, '', false]],
    [{ type: 'boolean' }, [true, false], ['true', 1, null]],
    [{ type: 'string' }, ['', 'a b', '\t"\\/', '\u65e5\u672c\u8a9e'], [1, null]],
    [{ type: 'number' }, [0, -1, 1.5, 1e21, 1e-7, 123456.789], ['1', null]],
    [{ type: 'integer' }, [0, -7, 123456789012345], [1.5, '1']],
    [{ type: 'array' }, [[], [1, [2]]], [{}, 1]],
    [{ type: 'object' }, [{}, { a: { b: [] } }], [[], 'a']],
    [{ type: ['string', 'null'] }, ['a', null], [1, {}]],
    [{ type: ['integer', 'array', 'boolean'] }, [1, [], true], [1.5, 'a', {}]],
  ],
  enum: [
    [{ enum: ['red', 'green', 'blue'] }, ['red', 'blue'], ['black', 'redd', 're']],
    [{ enum: [1, 2.5, -3] }, [1, 2.5, -3], [2, 25]],
    [{ enum: [null, true, 'a"b\\c\n', 0] }, [null, true, 'a"b\\c\n', 0], [false, 'abc']],
    [{ enum: [{ a: 1, b: [2] }, [1, 'x'], []] }, [{ b: [2], a: 1 }, [1, 'x'], []], [{ a: 1 }, [1]]],
    [{ type: 'string', enum: ['a', 1, null] }, ['a'], [1, null]],
    [
      { type: 'object', properties: { size: { enum: ['S', 'M', 'L', 'XL'] } }, required: ['size'] },
      [{ size: 'XL' }],
      [{ size: 'XXL' }, {}],
    ],
  ],
  const: [
    [{ const: 'exactly' }, ['exactly'], ['exact', 1]],
    [{ const: 0 }, [0], [1, false]],
    [{ const: null }, [null], [0, 'null']],
    [{ const: false }, [false], [true, 0]],
    [{ const: { a: [1, { b: null }] } }, [{ a: [1, { b: null }] }], [{ a: [1] }, {}]],
    [{ const: [] }, [[]], [[1], {}]],
    [{ const: '\u00fc\ud83e\udd80' }, ['\u00fc\ud83e\udd80'], ['u']],
  ],
  'minimum and maximum': [
    [{ type: 'integer', minimum: 3 }, [3, 10, 999], [2, -3, 0]],
    [{ type: 'integer', maximum: -1 }, [-1, -40], [0, 1]],
    [{ type: 'integer', minimum: -12, maximum: 105 }, [-12, 0, 99, 105], [-13, 106, 1000]],
    [{ type: 'number', minimum: 1.1 }, [1.1, 2, 1.15, 100], [1, 0.9, 1.09]],
    [{ type: 'number', maximum: 3.0 }, [3, -100, 2.999], [3.001, 10]],
    [{ type: 'number', minimum: -0.5, maximum: 0.25 }, [0, -0.5, 0.25, 0.1], [0.26, -0.51, 1]],
    [{ minimum: 5 }, [5, 'a', null, []], [4, -5]],
    [{ type: 'integer', minimum: 0, maximum: 9 }, [0, 9], [10, -1]],
    [{ type: 'integer', minimum: 1900, maximum: 2099 }, [1900, 1999, 2024, 2099], [1899, 2100, 190]],
  ],
  'exclusive minimum and maximum': [
    [{ type: 'number', exclusiveMinimum: 1.1 }, [1.2, 2], [1.1, 0]],
    [{ type: 'number', exclusiveMaximum: 3 }, [2.2, -3], [3, 3.5]],
    [{ type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }, [0.5, 0.001, 0.999], [0, 1]],
    [{ type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 10 }, [1, 9], [0, 10]],
    [{ type: 'integer', minimum: 1, exclusiveMinimum: 5 }, [6], [5, 1]],
    [{ type: 'number', exclusiveMaximum: 0 }, [-0.1, -5], [0, 1]],
  ],
  multipleOf: [
    [{ type: 'integer', multipleOf: 2 }, [0, 4, -10, 1234], [1, 7, -3]],
    [{ type: 'integer', multipleOf: 7, minimum: 0, maximum: 100 }, [0, 7, 98], [1, 105]],
    [{ type: 'number', multipleOf: 1.5 }, [0, 4.5, 3, -1.5], [1, 35]],
    [{ type: 'number', multipleOf: 0.01 }, [0.07, 1.5, 2, 19.99], [0.001, 0.005]],
    [{ type: 'integer', multipleOf: 100 }, [0, 200, 12300], [10, 150]],
    [{ allOf: [{ multipleOf: 2 }, { multipleOf: 3 }], type: 'integer' }, [6, 12, -18], [2, 9]],
  ],
  'minLength and maxLength': [
    [{ type: 'string', minLength: 2 }, ['ab', 'foo', '\ud83d\ude00\ud83d\ude00'], ['a', '', '\ud83d\ude00']],
    [{ type: 'string', maxLength: 2 }, ['', 'ab', '\ud83d\ude00\ud83d\ude00'], ['abc']],
    [{ type: 'string', minLength: 3, maxLength: 3 }, ['abc', '"\\\n'], ['ab', 'abcd']],
    [{ type: 'string', maxLength: 0 }, [''], ['a']],
    [{ type: 'string', minLength: 5, maxLength: 40 }, ['hello', 'a longer text, of words'], ['four']],
    [{ maxLength: 3 }, [100, 'abc', []], ['abcd']],
  ],
  pattern: [
    [{ type: 'string', pattern: '^a*$' }, ['', 'aaa'], ['ab', 'b']],
    [{ type: 'string', pattern: 'a+' }, ['xxaayy', 'a'], ['xyz']],
    [
      { type: 'string', pattern: '^[A-Z]{2}-\\d{3,5}$' },
      ['AB-123', 'XY-12345'],
      ['A-123', 'AB-12', 'ab-123'],
    ],
    [{ type: 'string', pattern: '^(foo|ba[rz])$' }, ['foo', 'baz'], ['ba', 'foobar']],
    [{ type: 'string', pattern: '^\\S+@\\S+\\.[a-z]+$' }, ['a@b.co'], ['a b@c.d', 'a@b']],
    [{ type: 'string', pattern: '^\\p{Lu}\\p{Ll}+$' }, ['Abc', '\u00c4rger'], ['abc', 'A']],
    [{ type: 'string', pattern: '"\\\\' }, ['x"\\y'], ['"', '\\']],
    [{ type: 'string', pattern: '^[^aeiou]{3}$' }, ['xyz', '"\\/'], ['abc', 'xy']],
    [{ type: 'string', pattern: '^.{2,4}$', maxLength: 3 }, ['ab', 'abc'], ['a', 'abcd']],
    [
      { type: 'string', pattern: '^(\\([0-9]{3}\\))?[0-9]{3}-[0-9]{4}$' },
      ['555-1212', '(888)555-1212'],
      ['(888)555', '5551212'],
    ],
  ],
  format: [
    [
      { type: 'string', format: 'date' },
      ['2024-02-29', '1999-12-31'],
      ['2023-02-29', '2024-13-01', '24-01-01'],
    ],
    [
      { type: 'string', format: 'date-time' },
      ['2020-01-01T12:00:00Z', '1985-04-12T23:20:50.52+01:00'],
      ['2020-01-01', '2020-01-01T25:00:00Z'],
    ],
    [{ type: 'string', format: 'time' }, ['08:30:06Z', '23:59:59.5-02:00'], ['24:00:00Z', '08:30']],
    [{ type: 'string', format: 'uuid' }, ['2eb8aa08-aa98-11ea-b4aa-73b441d16380'], ['2eb8aa08', 'g']],
    [{ type: 'string', format: 'ipv4' }, ['192.168.0.1', '255.255.255.255'], ['256.1.1.1', '1.2.3']],
    [{ type: 'string', format: 'ipv6' }, ['::1', 'fe80::a:b', '2001:db8:0:0:0:0:0:1'], ['12345::', '1:2']],
    [{ type: 'string', format: 'email' }, ['joe.bloggs@example.com'], ['joe', 'a@', '@b.c']],
    [{ type: 'string', format: 'duration' }, ['P4DT12H30M5S', 'PT36H', 'P2W'], ['PT1D', '4D', 'P']],
    [{ type: 'string', format: 'hostname' }, ['www.example.com', 'a-b'], ['-a', 'a_b']],
  ],
  items: [
    [{ type: 'array', items: { type: 'integer' } }, [[], [1, 2, -3]], [[1, 'x'], [1.5]]],
    [
      { type: 'array', items: { type: 'array', items: { type: 'boolean' } } },
      [[[true], []]],
      [[[1]], [true]],
    ],
    [{ type: 'array', items: false }, [[]], [[1]]],
    [
      { type: 'array', items: person, minItems: 1 },
      [[{ name: 'a' }, { age: 3, name: 'b' }]],
      [[], [{ age: 3 }]],
    ],
    [{ type: 'array', items: { enum: ['a', 'b'] }, maxItems: 2 }, [[], ['a', 'a']], [['a', 'b', 'a'], ['c']]],
  ],
  prefixItems: [
    [
      { type: 'array', prefixItems: [{ type: 'integer' }, { type: 'string' }] },
      [[], [1], [1, 'a'], [1, 'a', null]],
      [['a'], [1, 2]],
    ],
    [
      { type: 'array', prefixItems: [{ type: 'number' }, { type: 'number' }], items: false, minItems: 2 },
      [[1, 2.5]],
      [[1], [1, 2, 3]],
    ],
    [
      { type: 'array', prefixItems: [{ const: 'point' }], items: { type: 'number' }, minItems: 3 },
      [['point', 1, 2]],
      [
        ['point', 1],
        ['line', 1, 2],
      ],
    ],
    [{ type: 'array', prefixItems: [true, false] }, [[], ['x']], [[1, 2]]],
  ],
  'minItems and maxItems': [
    [{ type: 'array', minItems: 1 }, [[1], ['a', 'b']], [[]]],
    [{ type: 'array', maxItems: 2 }, [[], [1, 2]], [[1, 2, 3]]],
    [
      { type: 'array', minItems: 3, maxItems: 3, items: { type: 'integer', minimum: 0, maximum: 255 } },
      [[0, 128, 255]],
      [
        [0, 128],
        [0, 1, 256],
      ],
    ],
    [{ minItems: 2 }, [[1, 2], 'a', {}], [[1]]],
  ],
  uniqueItems: [
    [{ type: 'array', items: { type: 'integer' }, uniqueItems: true }, [[], [1, 2, 3]], [[1, 2, 1]]],
    [
      { type: 'array', items: { type: 'string', maxLength: 3 }, uniqueItems: true, minItems: 2 },
      [['a', 'b']],
      [['a', 'a'], ['a']],
    ],
    [
      { type: 'array', items: { enum: ['a', 'b', 'c'] }, uniqueItems: true, minItems: 2 },
      [
        ['c', 'a'],
        ['a', 'b', 'c'],
      ],
      [['a', 'a'], ['b']],
    ],
    [
      { type: 'array', items: { type: ['boolean', 'null', 'number'] }, uniqueItems: true },
      [[true, null, 0.5, 1]],
      [
        [true, true],
        [1, 1],
      ],
    ],
  ],
  contains: [
    [{ type: 'array', contains: { type: 'integer', minimum: 5 } }, [[5], [1, 'a', 7]], [[], [1, 4], ['a']]],
    [{ type: 'array', contains: { const: 'x' }, maxItems: 3 }, [['x'], [1, 2, 'x']], [[1, 2, 3]]],
    [
      { type: 'array', items: { type: 'integer' }, contains: { multipleOf: 5 }, minContains: 2 },
      [[5, 1, 10]],
      [[5], [1, 2]],
    ],
    [
      { type: 'array', items: { type: 'integer' }, contains: { minimum: 10 }, maxContains: 1 },
      [[10], [1, 99, 2]],
      [[], [10, 11]],
    ],
    [
      { type: 'array', contains: { type: 'null' }, minContains: 0, maxContains: 1 },
      [[], [null, 1]],
      [[null, null]],
    ],
  ],
  properties: [
    [
      person,
      [{ name: 'Ada' }, { age: 36, name: 'Ada' }],
      [{ age: 36 }, { name: '' }, { name: 'x', extra: 1 }, { name: 'x', age: 151 }],
    ],
    [
      { type: 'object', properties: { foo: { type: 'integer' }, bar: { type: 'string' } } },
      [{}, { bar: 'a', foo: 1 }, { quux: [] }],
      [{ foo: 'a' }, { bar: 1 }],
    ],
    [
      {
        type: 'object',
        properties: {
          'foo\nbar': { type: 'number' },
          'foo"bar': { type: 'number' },
          'foo\\bar': { type: 'number' },
        },
      },
      [{ 'foo\nbar': 1, 'foo"bar': 2, 'foo\\bar': 3 }],
      [{ 'foo"bar': 'x' }],
    ],
    [
      {
        type: 'object',
        properties: {
          a: {
            type: 'object',
            properties: { b: { type: 'object', properties: { c: { const: 1 } }, required: ['c'] } },
            required: ['b'],
          },
        },
        required: ['a'],
      },
      [{ a: { b: { c: 1 } } }],
      [{ a: { b: {} } }, {}],
    ],
    [
      {
        type: 'object',
        properties: { '': { type: 'boolean' }, '\u00e4\u00f6': { type: 'null' } },
        additionalProperties: false,
      },
      [{}, { '': true, '\u00e4\u00f6': null }],
      [{ '': 1 }],
    ],
  ],
  required: [
    [{ type: 'object', required: ['a'] }, [{ a: 1 }, { b: 2, a: null }], [{}, { b: 1 }]],
    [
      { type: 'object', properties: { a: { type: 'integer' } }, required: ['a', 'b'] },
      [{ a: 1, b: 'x' }],
      [{ a: 1 }, { b: 1 }],
    ],
    [{ required: ['foo"bar', 'x y'] }, [{ 'foo"bar': 1, 'x y': 2 }, 5], [{}]],
    [
      {
        type: 'object',
        properties: {
          a: { type: 'string' },
          b: { type: 'string' },
          c: { type: 'string' },
          d: { type: 'string' },
        },
        required: ['d', 'b'],
        additionalProperties: false,
      },
      [
        { d: '', b: '' },
        { b: '1', c: '2', a: '3', d: '4' },
      ],
      [{ d: '' }],
    ],
  ],
  additionalProperties: [
    [{ type: 'object', additionalProperties: false }, [{}], [{ a: 1 }]],
    [{ type: 'object', additionalProperties: { type: 'boolean' } }, [{ a: true, b: false }], [{ a: 1 }]],
    [
      { type: 'object', properties: { a: { type: 'integer' } }, additionalProperties: { type: 'string' } },
      [{ a: 1, b: 'x' }],
      [{ a: 'x' }, { b: 1 }],
    ],
    [{ type: 'object', unevaluatedProperties: false, properties: { a: true } }, [{ a: 1 }, {}], [{ b: 1 }]],
  ],
  patternProperties: [
    [
      {
        type: 'object',
        patternProperties: { '^n_': { type: 'number' }, '^s_': { type: 'string' } },
        additionalProperties: false,
      },
      [{ n_a: 1, s_b: 'x' }],
      [{ n_a: 'x' }, { x: 1 }],
    ],
    [
      { type: 'object', patternProperties: { 'f.*o': { type: 'integer' } } },
      [{ foo: 1, bar: 'x' }],
      [{ foo: 'x' }, { afxo: null }],
    ],
    [
      {
        type: 'object',
        patternProperties: { a: { minimum: 10 }, b: { type: 'integer' } },
        additionalProperties: { type: 'null' },
      },
      [{ a: 10, b: 1, ab: 11, c: null }],
      [{ ab: 9 }, { ab: 10.5 }, { c: 1 }],
    ],
    [
      {
        type: 'object',
        properties: { ax: { type: 'string' } },
        patternProperties: { '^a': { maxLength: 2 } },
      },
      [{ ax: 'ab', ay: 5 }],
      [{ ax: 'abc' }, { ax: 1 }, { ay: 'abc' }],
    ],
  ],
  propertyNames: [
    [{ type: 'object', propertyNames: { maxLength: 3 } }, [{}, { abc: 1 }], [{ abcd: 1 }]],
    [
      { type: 'object', propertyNames: { pattern: '^[a-z]+$' }, additionalProperties: { type: 'integer' } },
      [{ ab: 1 }],
      [{ A: 1 }, { a: 'x' }],
    ],
    [
      { type: 'object', propertyNames: { enum: ['x', 'y'] }, minProperties: 1 },
      [{ x: 1 }, { y: 1, x: 2 }],
      [{}, { z: 1 }],
    ],
  ],
  'minProperties and maxProperties': [
    [{ type: 'object', minProperties: 2 }, [{ a: 1, b: 2 }], [{}, { a: 1 }]],
    [{ type: 'object', maxProperties: 1 }, [{}, { a: 1 }], [{ a: 1, b: 2 }]],
    [
      {
        type: 'object',
        properties: { a: true, b: true, c: true },
        additionalProperties: false,
        minProperties: 2,
      },
      [{ a: 1, c: 2 }],
      [{ a: 1 }],
    ],
    [
      { type: 'object', required: ['a'], minProperties: 3, maxProperties: 3 },
      [{ a: 1, b: 2, c: 3 }],
      [
        { a: 1, b: 2 },
        { b: 1, c: 2, d: 3 },
      ],
    ],
  ],
  dependencies: [
    [
      { type: 'object', dependentRequired: { bar: ['foo'] } },
      [{}, { foo: 1 }, { bar: 1, foo: 2 }],
      [{ bar: 1 }],
    ],
    [
      {
        type: 'object',
        properties: { card: { type: 'string' }, address: { type: 'string' } },
        dependentRequired: { card: ['address'], address: ['card'] },
        additionalProperties: false,
      },
      [{}, { card: 'x', address: 'y' }],
      [{ card: 'x' }, { address: 'y' }],
    ],
    [
      {
        type: 'object',
        dependentSchemas: { bar: { properties: { foo: { type: 'integer' }, bar: { type: 'integer' } } } },
      },
      [{ foo: 'x' }, { foo: 1, bar: 2 }],
      [{ foo: 'x', bar: 2 }, { bar: 'x' }],
    ],
    [{ dependentRequired: { a: [] } }, [{ a: 1 }, 5], []],
  ],
  allOf: [
    [{ allOf: [{ type: 'integer' }, { minimum: 3 }, { maximum: 5 }] }, [3, 5], [2, 6, 'a']],
    [
      {
        allOf: [
          { properties: { a: { type: 'integer' } }, required: ['a'] },
          { properties: { b: { type: 'string' } }, required: ['b'] },
        ],
        type: 'object',
      },
      [{ a: 1, b: 'x' }],
      [{ a: 1 }, { a: 'x', b: 'x' }],
    ],
    [
      { type: 'string', allOf: [{ minLength: 2 }, { pattern: '^a' }, { pattern: 'b$' }] },
      ['ab', 'axxb'],
      ['a', 'ba'],
    ],
    [
      {
        allOf: [
          { type: 'array', items: { type: 'integer' } },
          { minItems: 1, items: { minimum: 0 } },
        ],
      },
      [[0], [1, 2]],
      [[], [-1], ['a']],
    ],
    [{ allOf: [{}, true, { type: 'null' }] }, [null], [1]],
  ],
  anyOf: [
    [{ anyOf: [{ type: 'integer' }, { minimum: 2 }] }, [1, 2.5, 'a'], [1.5]],
    [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, ['a', null], [1]],
    [{ anyOf: [person, { type: 'array', items: { type: 'string' } }] }, [{ name: 'x' }, ['a']], [{}, [1]]],
    [{ type: 'string', anyOf: [{ maxLength: 2 }, { minLength: 4 }] }, ['ab', 'abcd'], ['abc']],
    [
      {
        type: 'object',
        properties: { a: { anyOf: [{ type: 'integer' }, { const: 'auto' }] } },
        required: ['a'],
      },
      [{ a: 1 }, { a: 'auto' }],
      [{ a: 'x' }],
    ],
    [
      { type: 'object', anyOf: [{ required: ['a'] }, { required: ['b'] }] },
      [{ a: 1 }, { b: 1 }, { a: 1, b: 2 }],
      [{}, { c: 1 }],
    ],
  ],
  oneOf: [
    [{ oneOf: [{ type: 'integer' }, { minimum: 2 }] }, [1, 2.5], [3, 1.5]],
    [{ type: 'string', oneOf: [{ minLength: 2 }, { maxLength: 4 }] }, ['a', 'abcde'], ['abc']],
    [
      {
        oneOf: [
          { type: 'integer', multipleOf: 3 },
          { type: 'integer', multipleOf: 5 },
        ],
      },
      [3, 5, -9],
      [15, 0, 2],
    ],
    [
      { type: 'object', oneOf: [{ required: ['foo', 'bar'] }, { required: ['foo', 'baz'] }] },
      [
        { foo: 1, bar: 2 },
        { foo: 1, baz: 3 },
      ],
      [{ foo: 1, bar: 2, baz: 3 }, { bar: 2 }],
    ],
    [
      {
        oneOf: [
          {
            type: 'object',
            properties: { kind: { const: 'circle' }, radius: { type: 'number' } },
            required: ['kind', 'radius'],
            additionalProperties: false,
          },
          {
            type: 'object',
            properties: { kind: { const: 'square' }, side: { type: 'number' } },
            required: ['kind', 'side'],
            additionalProperties: false,
          },
        ],
      },
      [
        { kind: 'circle', radius: 1 },
        { side: 2, kind: 'square' },
      ],
      [{ kind: 'circle', side: 1 }, { kind: 'oval' }],
    ],
    [{ oneOf: [{ const: 1 }, { const: 2 }, { type: 'string' }] }, [1, 2, 'x'], [3, null]],
  ],
  not: [
    [{ not: { type: 'integer' } }, [1.5, 'a', null, [], {}], [1, -20]],
    [{ not: { type: ['integer', 'boolean', 'object', 'array', 'null'] } }, ['a', 0.5], [1, true, {}]],
    [{ type: 'string', not: { pattern: '^a' } }, ['', 'ba'], ['a', 'abc']],
    [{ type: 'string', not: { enum: ['', 'no', 'none'] } }, ['n', 'non', 'yes'], ['no', '']],
    [{ type: 'object', properties: { foo: { not: {} } } }, [{}, { bar: 1 }], [{ foo: 1 }]],
    [
      { not: { type: 'object', properties: { foo: { type: 'string' } } } },
      [1, { foo: 1 }],
      [{}, { foo: 'a' }],
    ],
    [{ type: 'object', not: { required: ['a', 'b'] } }, [{}, { a: 1 }, { b: 1, c: 2 }], [{ a: 1, b: 2 }]],
    [
      { type: 'array', not: { minItems: 2, maxItems: 3 } },
      [[], [1], [1, 2, 3, 4]],
      [
        [1, 2],
        [1, 2, 3],
      ],
    ],
    [{ type: 'integer', not: { minimum: 0 } }, [-1, -100], [0, 5]],
    [
      { type: 'array', items: { type: 'integer' }, not: { items: { minimum: 0 } } },
      [[-1], [1, -2]],
      [[], [1, 2]],
    ],
    [
      { type: 'object', not: { additionalProperties: { type: 'integer' } } },
      [{ a: 'x' }, { a: 1, b: null }],
      [{}, { a: 1 }],
    ],
  ],
  'if, then, else': [
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    [{ if: { type: 'integer' }, then: { minimum: 3 }, else: { type: 'string' } }, [3, 'a'], [2, 1.5, null]],
    [
      {
        type: 'object',
        properties: { country: { enum: ['US', 'NL'] }, code: { type: 'string' } },
        required: ['country', 'code'],
        if: { properties: { country: { const: 'US' } } },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: { properties: { code: { pattern: '^[0-9]{5}$' } } },
        else: { properties: { code: { pattern: '^[0-9]{4} [A-Z]{2}$' } } },
      },
      [
        { country: 'US', code: '20500' },
        { country: 'NL', code: '1234 AB' },
      ],
      [
        { country: 'US', code: '1234 AB' },
        { country: 'NL', code: '20500' },
      ],
    ],
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    [{ type: 'integer', if: { minimum: 10 }, then: { multipleOf: 10 } }, [3, 10, 50], [11, 55]],
    [{ type: 'string', if: { maxLength: 2 }, else: { pattern: '^long' } }, ['', 'ab', 'longer'], ['abc']],
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    [{ if: { const: 0 }, then: false, type: 'integer', minimum: 0, maximum: 2 }, [1, 2], [0]],
  ],
  $ref: [
    [
      tree,
      [{ value: 1 }, { value: 1, children: [{ value: 2.5, children: [] }] }],
      [{}, { value: 1, children: [{}] }],
    ],
    [
      {
        type: 'object',
        properties: { a: { $ref: '#/$defs/p' }, b: { $ref: '#/$defs/p' } },
        $defs: { p: { type: 'integer', minimum: 1 } },
        additionalProperties: false,
      },
      [{ a: 1, b: 2 }],
      [{ a: 0 }],
    ],
    [
      {
        $defs: { 'a/b~c%d"e': { type: 'integer' } },
        type: 'array',
        items: { $ref: '#/$defs/a~1b~0c%25d%22e' },
      },
      [[1]],
      [['x']],
    ],
    [
      {
        type: 'array',
        items: { $ref: '#/$defs/n' },
        $defs: { n: { $ref: '#/$defs/m' }, m: { type: 'null' } },
      },
      [[null]],
      [[1]],
    ],
    [
      { $defs: { s: { $anchor: 'short', type: 'string', maxLength: 2 } }, $ref: '#short' },
      ['ab'],
      ['abc', 1],
    ],
    [
      {
        properties: { next: { $ref: '#' }, v: { type: 'integer' } },
        required: ['v'],
        type: 'object',
        additionalProperties: false,
      },
      [{ v: 1 }, { v: 1, next: { v: 2 } }],
      [{ next: { v: 1 } }],
    ],
    [
      { anyOf: [{ type: 'integer' }, { type: 'array', items: { $ref: '#' }, maxItems: 2 }] },
      [1, [1, [2, []]]],
      ['a', [1, 2, 3]],
    ],
    [
      {
        $ref: '#/$defs/base',
        required: ['b'],
        $defs: { base: { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] } },
      },
      [{ a: 1, b: 2 }],
      [{ a: 1 }, { b: 1 }],
    ],
  ],
  annotations: [
    [
      {
        title: 'A number',
        description: 'of a kind',
        default: 3,
        examples: [1],
        $comment: 'x',
        'x-order': 1,
        type: 'integer',
      },
      [1],
      ['a'],
    ],
    [
      {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        $id: 'https://example.com/thing',
        type: 'boolean',
        deprecated: true,
      },
      [true],
      [1],
    ],
  ],
  'like those of tools': [
    [
      {
        type: 'object',
        properties: {
          city: { type: 'string', description: 'The city' },
          days: { type: 'integer', minimum: 1, maximum: 14 },
          units: { type: 'string', enum: ['celsius', 'fahrenheit'] },
        },
        required: ['city', 'units'],
        additionalProperties: false,
      },
      [
        { city: 'Paris', units: 'celsius' },
        { units: 'fahrenheit', days: 3, city: 'Rome' },
      ],
      [{ city: 'Paris' }, { city: 'Paris', units: 'kelvin' }, { city: 'x', units: 'celsius', days: 15 }],
    ],
    [
      {
        type: 'object',
        properties: {
          steps: {
            type: 'array',
            items: {
              type: 'object',
              properties: { explanation: { type: 'string' }, output: { type: 'string' } },
              required: ['explanation', 'output'],
              additionalProperties: false,
            },
          },
          final_answer: { type: 'string' },
        },
        required: ['steps', 'final_answer'],
        additionalProperties: false,
      },
      [{ steps: [{ explanation: 'a', output: 'b' }], final_answer: 'c' }],
      [{ steps: [] }, { steps: [{ explanation: 'a' }], final_answer: '' }],
    ],
    [
      {
        type: 'object',
        properties: {
          name: { enum: ['add', 'sub'] },
          arguments: {
            type: 'object',
            properties: { a: { type: 'number' }, b: { type: 'number' } },
            required: ['a', 'b'],
          },
        },
        required: ['name', 'arguments'],
      },
      [{ name: 'add', arguments: { b: 1, a: -2.5 } }],
      [{ name: 'mul', arguments: {} }],
    ],
  ],
}

const older: Readonly<Record<string, readonly Row[]>> = {
  'tuples of draft 7': [
    [
      { type: 'array', items: [{ type: 'integer' }, { type: 'string' }] },
      [[], [1, 'a'], [1, 'a', true]],
      [['a'], [1, 2]],
    ],
    [{ type: 'array', items: [{ type: 'integer' }], additionalItems: false }, [[], [1]], [[1, 2]]],
    [{ type: 'array', items: [{}], additionalItems: { type: 'integer' } }, [[null, 2]], [[null, 'x']]],
    [{ type: 'array', items: { type: 'integer' }, additionalItems: false }, [[1, 2]], [['x']]],
  ],
  'dependencies of draft 7': [
    [{ type: 'object', dependencies: { bar: ['foo'] } }, [{}, { bar: 1, foo: 1 }], [{ bar: 1 }]],
    [
      {
        type: 'object',
        dependencies: { bar: { required: ['foo'], properties: { foo: { type: 'integer' } } } },
      },
      [{}, { bar: 1, foo: 2 }],
      [{ bar: 1, foo: 'x' }, { bar: 1 }],
    ],
    [{ type: 'object', dependencies: { bar: false, foo: true } }, [{}, { foo: 1 }], [{ bar: 1 }]],
  ],
  'definitions of draft 7': [
    [
      {
        definitions: { positive: { type: 'integer', exclusiveMinimum: 0 } },
        type: 'array',
        items: { $ref: '#/definitions/positive' },
      },
      [[1, 2]],
      [[0], [-1]],
    ],
  ],
}

const rowsOf = (of: Readonly<Record<string, readonly Row[]>>, rest: Partial<Case> = {}): Case[] =>
  Object.entries(of).flatMap(([kind, rows]) =>
    rows.map(([schema, valid, invalid]): Case => ({ kind, schema, valid, invalid, ...rest })),
  )

/** Kinds that are also looked at as members and as items of something larger. */
const INNER = [
  'type',
  'enum',
  'const',
  'minimum and maximum',
  'multipleOf',
  'minLength and maxLength',
  'pattern',
  'oneOf',
  'not',
]

/** The same within an object, by reference, beside a list of them. */
const nested = ({ kind, schema, valid, invalid }: Case): Case => ({
  kind: `${kind}, within an object`,
  schema: {
    $defs: { part: schema },
    type: 'object',
    properties: { part: { $ref: '#/$defs/part' }, more: { type: 'array', items: { $ref: '#/$defs/part' } } },
    required: ['part'],
    additionalProperties: false,
  },
  valid: [...valid.map((part) => ({ part })), { more: valid, part: valid[0] }],
  invalid: [
    {},
    { more: valid },
    ...invalid.map((part) => ({ part })),
    ...invalid.map((part) => ({ part: valid[0], more: [part] })),
  ],
})

const own = [...rowsOf(plain), ...rowsOf(older, { draft: 7 })]
export const cases: readonly Case[] = [...own, ...own.filter(({ kind }) => INNER.includes(kind)).map(nested)]
