"""Small templates: how Jinja writes values, which of its filters, tests and methods chat templates may call, and how it fails."""

CONTEXT = {
    "text": "  Hello, Wörld!\n",
    "think": "\n\n<think>\nso\n</think>\n\n  4 \n\n",
    "astral": "a👍b𠀀c",
    "words": ["b", "a", "C", "a"],
    "numbers": [3, 1, 2],
    "data": {"b": 1, "a": [1, 2.5, None, True, "x'y", 'say "hi"', "both ' and \""], "items": "mine", "ü": {"<&>": "\u00e9\u2028"}},
    "rows": [{"name": "x", "size": 2, "deep": {"v": 1}}, {"name": "y", "size": 1}, {"name": "x", "size": None}],
    "nothing": None,
    "yes": True,
    "zero": 0,
    "half": 0.5,
    "odd": "q\\\t\x00\x7f\x1b",
}

EXPRESSIONS = """
none
nothing
yes
not yes
[none, true, 1, 2.0, 'a']
(1, 'b')
data
data.a
data['items']
data.get('b')
data.get('c')
data.get('c', 7)
data.missing
data.missing is defined
data.missing.deeper
missing
missing.deeper
missing['deeper']
nothing.deeper
nothing.deeper.still
text.nope
missing ~ 'x'
nothing ~ 'x' ~ 1 ~ true ~ 2.50
'a' + 1
1 + 'a'
'a' + none
'a' + missing
missing + 'a'
[1] + [2]
[1] + (2,)
'ab' * 2
[0] * 3
7 // 2
-7 // 2
-7 % 3
7 / 2
4 / 2
2 ** 3
2 ** -1
1 / 0
0.1 + 0.2
1000000 * 1000000
12345678901234567 * 1.0
half
3 | float
1 == 1.0
1 == true
'1' == 1
none == missing
missing == missing
rows[0] == {'name': 'x', 'size': 2, 'deep': {'v': 1}}
rows[0] != rows[1]
rows[0] in rows
{'name': 'y', 'size': 1} in rows
[1, 2] == [1, 2]
[1, 2] == (1, 2)
(1, 2) == (1, 2)
[1, 2] < [1, 3]
'a' < 'b'
'a' < 1
1 < 2 < 3
'b' in data
'z' not in data
'ell' in text
1 in numbers
1 in 'a'
'a' in missing
'a' in none
'a' in 5
1 in {'a': 2}
text[2]
text[-2]
text[99]
text[2:5]
text[::-1]
numbers[::-1]
numbers[-1]
numbers[9]
numbers[1:]
numbers[:-1]
numbers[::2]
astral[1]
astral[::-1]
astral | length
astral[3:]
text.strip()
text.rstrip('\\n')
text.lstrip(' H')
text.strip(' \\n!')
think.split('</think>')[-1].lstrip('\\n')
think.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n')
'a,b,,c'.split(',')
'a,b,,c'.split(',', 1)
' a  b c '.split()
' a  b c '.split(none, 1)
' a  b c '.rsplit(none, 1)
'a,b,c'.rsplit(',', 1)
'a.b.c'.partition('.')
'a.b.c'.rpartition('.')
'a\\nb\\r\\nc'.splitlines()
'abc'.split('')
'abc'.startswith('ab')
'abc'.startswith(('x', 'a'))
'abc'.endswith('c')
'abc'.find('c')
'abc'.index('z')
'abcabc'.count('b')
'abc'.replace('b', 'xx')
'aaa'.replace('a', 'b', 2)
'abc'.replace('', '-')
'they\\'re fine'.title()
'hELLO wORLD'.capitalize()
'ß'.upper()
'abc'.isdigit()
'123'.isdigit()
'ab c'.isalpha()
'abc'.isalnum()
'ABC'.islower()
' '.isspace()
'abc'.removeprefix('a')
'abc'.removesuffix('c')
'-'.join(['a', 'b'])
'-'.join([1])
'{} and {}'.format('a', 1)
'{0}-{x}'.format('a', x=2)
'%s of %d' | format('a', 3)
'%s' % 'a'
'7'.zfill(3)
data.b.strip()
missing()
missing.strip()
yes.strip()
text | trim
'xxaxx' | trim('x')
missing | trim
nothing | trim
text | upper
text | lower
text | title
text | capitalize
'a' | length
data | length
missing | length
nothing | length
5 | length
missing | default('d')
nothing | default('d')
nothing | default('d', true)
'' | d('e', boolean=true)
words | join
words | join(', ')
numbers | join('-')
rows | join(', ', attribute='name')
missing | join(',')
'abc' | join('-')
words | sort
words | sort(reverse=true)
words | sort(case_sensitive=true)
numbers | sort
rows | sort(attribute='name') | map(attribute='size') | list
words | unique | list
words | first
words | last
[] | first
[] | last
words | reverse | list
'abc' | reverse
words | list
'abc' | list
data | list
data | items | list
missing | items | list
data | dictsort
{'b': 1, 'A': 2, 'c': 0} | dictsort
{'b': 1, 'A': 2} | dictsort(false, 'value')
{'b': 1, 'A': 2} | dictsort(reverse=true)
numbers | sum
rows | sum(attribute='size')
numbers | max
numbers | min
numbers | map('string') | list
words | map('upper') | join
rows | map(attribute='deep.v') | list
rows | map(attribute='nope', default='z') | list
rows | selectattr('size') | list
rows | selectattr('name', 'equalto', 'x') | list | length
rows | selectattr('name', '==', 'x') | map(attribute='name') | list
rows | rejectattr('name', 'equalto', 'x') | list
rows | rejectattr('deep') | map(attribute='name') | list
rows | selectattr('deep', 'defined') | list | length
rows | selectattr('size', 'none') | list | length
rows | selectattr('name', 'in', ['y', 'z']) | map(attribute='name') | list
numbers | select('odd') | list
numbers | reject('eq', 1) | list
numbers | select('>', 1) | list
'a' | string
12 | string
1.0 | string
true | string
none | string
data.a | string
odd | string
[odd]
'12' | int
'x' | int
'x' | int(5)
3.7 | int
-3.7 | int
'3.5' | float
'3.7' | int
3.456 | round(1)
2.5 | round
3 | round
-3 | abs
'<a href="x">&\\'' | escape
'<b>' | e
'<b>' | safe
'a b' | urlencode
'one two three' | wordcount
'a\\nb\\n\\nc' | indent
'a\\nb\\n\\nc' | indent(2)
'a\\nb\\n\\nc' | indent(2, true)
'a\\nb\\n\\nc' | indent(2, first=true, blank=true)
'a\\nb' | indent('> ')
'abab' | replace('a', 'x')
'abab' | replace('a', 'x', 1)
[1.0, 0.0000001, 0.1, 12345678901234567890.0] | tojson
data | tojson
data | tojson(indent=2)
data | tojson(indent=4, sort_keys=true)
data | tojson(ensure_ascii=true)
data | tojson(separators=(',', ':'))
[] | tojson(indent=2)
{} | tojson(indent=2)
[[], {}, [1]] | tojson(indent=1)
odd | tojson
'</script>' | tojson
missing | tojson
nothing | tojson
(1, 2) | tojson
text is string
data is mapping
data is iterable
data is sequence
words is iterable
text is iterable
nothing is iterable
missing is iterable
1 is number
true is number
1.0 is integer
true is integer
1.5 is float
true is boolean
1 is boolean
none is none
missing is none
missing is undefined
missing is not defined
2 is even
2 is odd
4 is divisibleby(2)
4 is divisibleby 3
'a' is in ['a']
1 is eq(1)
1 is eq 1
3 is gt 2
3 is ne 2
'a' is lower
'A' is upper
data is callable
range is callable
1 is sameas 1
true is true
1 is true
1 is false
range(3) | list
range(5, 0, -2) | list
range(2, 4) | list | length
namespace(a=1).a
dict(a=1, b='x')
[1, 2, 3] | tojson if yes else 'no'
'only' if yes
'only' if not yes
('only' if not yes) is defined
1 if zero else 2 if yes else 3
yes and 'x'
zero or 'y'
[] or {} or 'z'
not missing
not none
'a' ~ 'b' | upper
-1 | abs
- half
+ 1
2 * 3 + 4 * 5
(2 + 3) * 4
10 - 2 - 3
'x' 'y'
"quote \\"x\\" 'y'"
'tab\\tnew\\nback\\\\slash'
'caf\\u00e9 \\x41'
{'a': {'b': 2}}.a.b
{1: 'one'}[1]
{'a': 1, 'a': 2}
[1, 2, 3].index(2)
words.count('a')
words.append('x')
words.pop()
data.pop('b')
data.update({'c': 1})
data.copy()
''.constructor
''.__class__
''['__class__']
text.__class__.__mro__
messages.__proto__
messages.constructor
messages['__proto__']
messages.__len__()
data.__proto__
data.constructor
data['constructor']
data.hasOwnProperty
data.toString
data.__class__
range.__globals__
raise_exception.constructor
loop
strftime_now('%Y-%m-%d')
strftime_now('%d %b %Y, %H:%M:%S %p %A %B %j %%')
strftime_now('%-d %B %y %I')
raise_exception('Told so: ' ~ 1)
messages[0].role
messages[0]['content'] | length
messages[-1]
messages | length
add_generation_prompt
tools
documents
bos_token
eos_token ~ '|'
pad_token
data.items() | list
data.keys() | list
data.values() | length
0.0000001 * 3
12345678901.5 * 10000000
'12' | safe + '<&>' + "it's"
'<' + ('a' | safe)
('<b>' | escape) ~ '<i>'
('<b>' | e | e) + '&'
words | map('upper') is iterable
(words | select('eq', 'z')) and 'always true'
nothing | map('upper') | list
nothing | selectattr('x') | list
words | map('upper') | length
{'a': none}.a
{'a': none}.get('a', 1)
[none][0]
[none] | first
nothing | default(none) is none
data['get']('b')
""".strip().split("\n")

STATEMENTS = [
    "{% for x in words %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.previtem }}{{ loop.nextitem }};{% endfor %}",
    "{% for x in words %}{{ loop.cycle('odd', 'even') }} {% endfor %}",
    "{% for x in words %}{{ loop.changed(x) }} {% endfor %}",
    "{% for x in ['a', 'a', none] %}{{ loop.changed(x) }}{{ loop.previtem }} {% endfor %}",
    "{% macro m(a=1) %}{{ a }}{% endmacro %}{{ m(none) }}{{ m(a=none) }}",
    "{% for k in data %}{{ k }},{% endfor %}",
    "{% for k, v in data.items() %}{{ k }}={{ v }};{% endfor %}",
    "{% for k, v in data | items %}{{ k }};{% endfor %}",
    "{% for c in 'aé👍' %}{{ c }}|{% endfor %}",
    "{% for x in missing %}x{% else %}none{% endfor %}",
    "{% for x in nothing %}x{% endfor %}",
    "{% for x in 5 %}x{% endfor %}",
    "{% for x in [] %}x{% else %}empty{% endfor %}",
    "{% for x in numbers if x > 1 %}{{ loop.index }}:{{ x }}/{{ loop.length }} {% else %}none{% endfor %}",
    "{% for x in numbers if x > 9 %}{{ x }}{% else %}none{% endfor %}",
    "{% for x in numbers %}{% if x == 1 %}{% break %}{% endif %}{{ x }}{% endfor %}.",
    "{% for x in numbers %}{{ x }}{% if x == 1 %}{% break %}{% endif %}!{% endfor %}.",
    "{% for x in numbers %}{{ x }}{% if x == 1 %}{% continue %}{% endif %}!{% endfor %}.",
    "{% for x in numbers %}{% continue %}{% else %}else{% endfor %}.",
    "{% for x in numbers %}{% for y in words %}{% if y == 'a' %}{% break %}{% endif %}{{ x }}{{ y }}{% endfor %}{% endfor %}",
    "{% for x in numbers %}{% if loop.first %}{% set seen = x %}{% endif %}{{ seen }};{% endfor %}",
    "{% set a = 1 %}{% for x in numbers %}{% set a = a + x %}{{ a }};{% endfor %}{{ a }}",
    "{% set a = 1 %}{% if yes %}{% set a = 2 %}{% endif %}{{ a }}",
    "{% set ns = namespace(n=0, last=none) %}{% for x in numbers %}{% set ns.n = ns.n + x %}{% endfor %}{{ ns.n }}{{ ns.last }}{{ ns }}",
    "{% set data.x = 1 %}",
    "{% set a, b = 1, 2 %}{{ a }}{{ b }}",
    "{% set a, b = [1] %}{{ a }}",
    "{% set block %}<{{ yes }}>{% endset %}{{ block | upper }}",
    "{% filter upper %}a{{ text }}{% endfilter %}",
    "{% macro m(a, b='x', c=a) %}[{{ a }}{{ b }}{{ c }}]{% endmacro %}{{ m(1) }}{{ m(1, 2) }}{{ m(b=3, a=4) }}{{ m() }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(z=2) }}",
    "{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, x=2) }}",
    "{% macro m() %}{{ caller('c') }}!{% endmacro %}{% call(x) m() %}<{{ x }}>{% endcall %}",
    "{% macro m(n) %}{{ n }}{% if n > 0 %}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(3) }}",
    "{% set outer = 1 %}{% macro m() %}{{ outer }}{{ messages | length }}{% endmacro %}{{ m() }}",
    "{% for x in numbers %}{% macro m() %}{{ x }}{% endmacro %}{{ m() }}{% endfor %}",
    "{% macro m(a) %}  {{ a }}\n{% endmacro %}{% set r = m(1) %}{{ r is string }}{{ r | trim }}{{ r + 'x' }}",
    "{% if missing %}a{% elif yes %}b{% else %}c{% endif %}",
    "{% if nothing is none and text %}a{% endif %}",
    "{% if messages[0].tool_calls is defined and messages[0].tool_calls %}a{% else %}b{% endif %}",
    "{# comment #}a{#- b -#} c",
    "a\n  {% if yes %}\n  b\n  {% endif %}\nc\n",
    "a\n  {%- if yes -%}\n  b\n  {%- endif %}\nc\n\n",
    "a\n\t {{ yes }}\n  {# c #}\nb",
    "  {% if yes %}   {% endif %}x",
    "x {% if yes %} y {% endif %}  \n z",
    "a\r\n{% if yes %}\r\nb\r\n{% endif %}\r\nc\r\n",
    "{{- ' a ' -}}  b",
    "a {{- ' b ' }}\nc",
    "{% generation %}a{% endgeneration %}b",
    "{% for m in messages %}\n    {%- generation -%}\n {{ m.content }}\n    {%- endgeneration -%}\n{% endfor %}!",
    "{% set x = 1 %}{% generation %}{% set x = 2 %}{{ x }}{% endgeneration %}{{ x }}",
    "{{ {'a': {'b': 1}} }}}}",
    "{{ '{% if %}' }}{{ '}}' }}",
    "{% do words %}",
    "{% if %}a{% endif %}",
    "{{ 1 + }}",
    "{% for x in words %}a",
    "{% endif %}",
    "{{ unclosed",
    "{% nothing_known %}",
    "{{ 'a' | no_such_filter }}",
    "{{ 1 is no_such_test }}",
    "{% for x in range(3) %}{{ x }}{% endfor %}",
    "{{ range(100000000) | length }}",
    "",
    "plain",
    "\n",
]

SNIPPETS = ["{{ %s }}" % expression for expression in EXPRESSIONS] + STATEMENTS

# What Jinja reads, and the grammar that the tests' side has does not.
UNREADABLE = ["{{ %s }}" % expression for expression in """
(1,)
1e3
1.5e-7 * 1
1.0e16 * 1
'a'.center(5)
'a'.ljust(3) ~ '|'
rows | groupby('name') | length
numbers | batch(2) | list
'one two three four' | truncate(10)
'trim' is filter
'\\d+'
cycler('a', 'b').next()
joiner(', ')()
""".strip().split("\n")] + [
    "{% set block | upper %}a{% endset %}{{ block }}",
    "{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}{{ a is defined }}",
    "{% raw %}{{ raw }}{% endraw %}",
    "{%+ if yes %}a{% endif +%}\nb",
    "{% for x in range(3) recursive %}{{ x }}{% endfor %}",
]
