/** @file Which class a model's tokenizer is of, where its files don't say. */

const MODELS: Record<string, string> = {
  AlbertTokenizer: 'albert nystromformer yoso',
  BartTokenizer: 'bart',
  BarthezTokenizer: 'barthez',
  BertTokenizer:
    'align bark bert blip bros chinese_clip ernie git grounding-dino megatron-bert mm-grounding-dino nezha qdqbert tvp vilt visual_bert',
  BigBirdTokenizer: 'big_bird',
  BlenderbotTokenizer: 'blenderbot',
  BloomTokenizer: 'bloom',
  CLIPTokenizer: 'aimv2 clip clipseg groupvit omdet-turbo oneformer owlv2 owlvit xclip',
  CamembertTokenizer: 'camembert',
  CodeGenTokenizer: 'codegen phi',
  CodeLlamaTokenizer: 'code_llama',
  CohereTokenizer: 'aya_vision cohere cohere2',
  ConvBertTokenizer: 'convbert',
  CpmTokenizer: 'cpm',
  DPRQuestionEncoderTokenizer: 'dpr',
  DebertaTokenizer: 'deberta',
  DebertaV2Tokenizer: 'deberta-v2',
  DistilBertTokenizer: 'distilbert',
  ElectraTokenizer: 'electra',
  FNetTokenizer: 'fnet',
  FunnelTokenizer: 'funnel',
  GPT2Tokenizer:
    'blip-2 dbrx emu3 exaone4 flex_olmo gpt2 gpt_bigcode gpt_neo gptj instructblip instructblipvideo minimax olmo3 opt starcoder2',
  GPTNeoXTokenizer: 'falcon_mamba gpt_neox mamba mamba2 mpt olmo olmo2 olmoe rwkv stablelm xlstm',
  GemmaTokenizer:
    'gemma gemma2 gemma3 gemma3_text gemma3n gemma3n_text recurrent_gemma shieldgemma2 siglip2 t5gemma',
  HerbertTokenizer: 'herbert',
  LEDTokenizer: 'led',
  LayoutLMTokenizer: 'layoutlm',
  LayoutLMv2Tokenizer: 'layoutlmv2',
  LayoutLMv3Tokenizer: 'layoutlmv3 lilt',
  LayoutXLMTokenizer: 'layoutxlm',
  LlamaTokenizer:
    'arcee aria chameleon colpali deepseek_v2 deepseek_v3 deepseek_vl deepseek_vl_hybrid diffllama ernie4_5 ernie4_5_moe idefics idefics2 idefics3 jamba janus jetmoe llama llama4 llama4_text llava llava_next llava_next_video llava_onevision ministral mistral mistral3 mixtral mllama paligemma persimmon phi3 phimoe video_llava vipllava zamba zamba2',
  LongformerTokenizer: 'longformer',
  LxmertTokenizer: 'lxmert',
  MBart50Tokenizer: 'mbart50',
  MBartTokenizer: 'mbart',
  MPNetTokenizer: 'mpnet',
  MT5Tokenizer: 'mt5',
  MobileBertTokenizer: 'mobilebert',
  MvpTokenizer: 'mvp',
  NllbTokenizer: 'nllb nllb-moe',
  OpenAIGPTTokenizer: 'openai-gpt',
  PegasusTokenizer: 'bigbird_pegasus pegasus pegasus_x',
  Qwen2Tokenizer:
    'colqwen2 internvl qwen2 qwen2_5_omni qwen2_5_vl qwen2_audio qwen2_moe qwen2_vl qwen3 qwen3_moe qwen3_next qwen3_omni_moe qwen3_vl qwen3_vl_moe',
  RealmTokenizer: 'realm',
  ReformerTokenizer: 'reformer',
  RemBertTokenizer: 'rembert',
  RetriBertTokenizer: 'retribert',
  RoFormerTokenizer: 'roformer',
  RobertaTokenizer: 'bridgetower clap data2vec-text ibert mega mra roberta roberta-prelayernorm',
  SeamlessM4TTokenizer: 'seamless_m4t seamless_m4t_v2',
  SplinterTokenizer: 'splinter',
  SqueezeBertTokenizer: 'squeezebert',
  T5Tokenizer: 'longt5 musicgen musicgen_melody pix2struct switch_transformers t5 umt5',
  UdopTokenizer: 'udop',
  WhisperTokenizer: 'whisper',
  XGLMTokenizer: 'xglm',
  XLMRobertaTokenizer: 'kosmos-2 metaclip_2 xlm-roberta xlm-roberta-xl xmod',
  XLNetTokenizer: 'xlnet',
  BertGenerationTokenizer: 'bert-generation',
  BioGptTokenizer: 'biogpt',
  BlenderbotSmallTokenizer: 'blenderbot-small',
  ByT5Tokenizer: 'byt5',
  EsmTokenizer: 'esm',
  FSMTTokenizer: 'fsmt',
  GPTSw3Tokenizer: 'gpt-sw3',
  LukeTokenizer: 'luke',
  M2M100Tokenizer: 'm2m_100',
  MarianTokenizer: 'marian',
  PLBartTokenizer: 'plbart',
  ProphetNetTokenizer: 'prophetnet',
  SiglipTokenizer: 'siglip',
  Speech2TextTokenizer: 'speech_to_text',
  SpeechT5Tokenizer: 'speecht5',
  VitsTokenizer: 'vits',
  Wav2Vec2CTCTokenizer: 'data2vec-audio hubert wav2vec2 wav2vec2-bert wav2vec2-conformer',
  XLMProphetNetTokenizer: 'xlm-prophetnet',
}

/** By model, once somebody asks. */
const classes = new Map<string, string>()

export function classOfModel(model_type: string): string | undefined {
  if (classes.size === 0)
    for (const [name, models] of Object.entries(MODELS))
      for (const model of models.split(' ')) classes.set(model, name)
  return classes.get(model_type)
}
