import { AutoTokenizer } from 'webformers'

const tokenizer = await AutoTokenizer.fromPretrained('google-bert/bert-base-uncased')
document.body.append(tokenizer('I love it').input_ids.join(' '))
