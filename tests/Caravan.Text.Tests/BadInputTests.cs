using Caravan.Formats;
using Caravan.Testing;

namespace Caravan.Text.Tests;

public class BadInputTests
{
    private static string GgufRefusal(Action<GgufMetadata> fill)
    {
        GgufMetadata metadata = new();
        fill(metadata);
        return Assert.Throws<CaravanException>(() => Tokenizer.FromGguf(metadata)).Message;
    }

    [Fact]
    public void Gguf_without_a_vocabulary()
    {
        const string advice = "give the folder of the original model, whose tokenizer.json has it.";
        Assert.Equal("'GGUF metadata' holds no vocabulary: the key 'tokenizer.ggml.model' is missing or says none; " + advice, GgufRefusal(_ => { }));
        Assert.Equal(
            "'GGUF metadata' holds no vocabulary: the key 'tokenizer.ggml.tokens' is missing; " + advice, GgufRefusal(m => m.Set("tokenizer.ggml.model", "gpt2")));
        Assert.Equal(
            "'GGUF metadata' holds a vocabulary of no tokens; download the file again.",
            GgufRefusal(m => { m.Set("tokenizer.ggml.model", "llama"); m.Set("tokenizer.ggml.tokens", Array.Empty<string>()); }));
    }

    [Fact]
    public void Gguf_with_parts_that_do_not_fit()
    {
        static void Basis(GgufMetadata m, string model)
        {
            m.Set("tokenizer.ggml.model", model);
            m.Set("tokenizer.ggml.tokens", new[] { "a", "b" });
        }

        Assert.Equal(
            "'GGUF metadata' names the tokenizer model 'gpt3' under 'tokenizer.ggml.model'; llama, gpt2, bert, t5, rwkv, gemma4 are known. Did you mean 'gpt2'?",
            GgufRefusal(m => Basis(m, "gpt3")));
        Assert.Equal(
            "'GGUF metadata' has 1 entries under 'tokenizer.ggml.scores' for 2 tokens; the file is damaged, so download it again.",
            GgufRefusal(m => { Basis(m, "llama"); m.Set("tokenizer.ggml.scores", new[] { 1f }); }));
        Assert.Equal(
            "'GGUF metadata' has a byte-pair vocabulary but no key 'tokenizer.ggml.merges'; convert the model again with its merges.",
            GgufRefusal(m => { Basis(m, "gpt2"); m.Set("tokenizer.ggml.pre", "gpt-2"); }));
        Assert.Equal(
            "'GGUF metadata' has 'ab' as merge 1 under 'tokenizer.ggml.merges'; two pieces with a blank between them were expected.",
            GgufRefusal(m => { Basis(m, "gpt2"); m.Set("tokenizer.ggml.pre", "gpt-2"); m.Set("tokenizer.ggml.merges", new[] { "ab" }); }));
        Assert.StartsWith(
            "'GGUF metadata' names the pre-tokenizer 'lama-bpe' under 'tokenizer.ggml.pre', which is not known. Did you mean 'llama-bpe'",
            GgufRefusal(m => { Basis(m, "gpt2"); m.Set("tokenizer.ggml.pre", "lama-bpe"); m.Set("tokenizer.ggml.merges", new[] { "a b" }); }),
            StringComparison.Ordinal);
        Assert.Equal(
            "The GGUF key 'tokenizer.ggml.tokens' holds Int32[]; an array of strings was expected.",
            GgufRefusal(m => { m.Set("tokenizer.ggml.model", "llama"); m.Set("tokenizer.ggml.tokens", new[] { 1 }); }));
    }

    [Fact]
    public void Tokenizer_json_that_is_no_json()
    {
        Assert.Equal(
            "'tokenizer.json' is not complete JSON: it goes wrong in line 1 at byte 10; download the file again.", Small.Refusal("{\"model\":{"));
        Assert.Equal("'tokenizer.json' is not valid UTF-8, as JSON must be; download the file again.", Small.Refusal("tokenizer.json", [.. "{\"a\":\""u8, 0xFF, .. "\"}"u8]));
        Assert.Equal(
            "'tokenizer.json' at 'model' holds text that is not valid Unicode; write it as UTF-8 or as whole surrogate pairs.",
            Small.Refusal("{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"\\ud800\":0}}}").Replace("model.vocab", "model", StringComparison.Ordinal));
        Assert.Equal("'tokenizer.json' has no key 'model', which a tokenizer needs; download the file again or mend it.", Small.Refusal("{}"));
        Assert.Equal(
            "'tokenizer.json' is no tokenizer file that is known: it is not JSON, SentencePiece, tiktoken, GGUF, vocab.txt or llama2.c's tokenizer.bin; give the model's folder.",
            Small.Refusal("not json"));
        Assert.StartsWith("'tokenizer.json' is no tokenizer file that is known", Small.Refusal(""), StringComparison.Ordinal);
        Assert.StartsWith("'tokenizer.json' is not complete JSON", Small.Refusal("{" + string.Concat(Enumerable.Repeat("\"a\":{", 100))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{'type':'BPE','vocab':{'a':0},'merges':['a b']}", "'tokenizer.json' has in merge 1 the piece 'b', which its vocabulary of 1 pieces lacks; vocabulary and merges are of different models, so download both again.")]
    [InlineData("{'type':'BPE','vocab':{'a':0,'b':1},'merges':['a b']}", "'tokenizer.json' has in merge 1 the piece 'ab', which its vocabulary of 2 pieces lacks; vocabulary and merges are of different models, so download both again.")]
    [InlineData("{'type':'BPE','vocab':{'a':0},'merges':['ab']}", "'tokenizer.json' at 'model.merges[0]' holds \"ab\"; two pieces with a blank between them was expected.")]
    [InlineData("{'type':'BPE','vocab':{'a':0,'b':0},'merges':[]}", "'tokenizer.json' at 'model.vocab.b' gives the id 0 to 'b', but 'a' has it already; every id may be given once.")]
    [InlineData("{'type':'BPE','vocab':{'a':0,'a':1},'merges':[]}", "'tokenizer.json' at 'model.vocab.a' gives 'a' the id 1, but it has 0 already; every piece may be given once.")]
    [InlineData("{'type':'BPE','vocab':{'a':2147483647},'merges':[]}", "'tokenizer.json' gives a token the id 2147483647 though it has only 1 tokens; ids must follow each other, so download the file again.")]
    [InlineData("{'type':'BPE','vocab':{'a':2147483648},'merges':[]}", "'tokenizer.json' at 'model.vocab.a' holds 2147483648; a whole number from 0 to 2147483647 was expected.")]
    [InlineData("{'type':'BPE','vocab':{'a':-1},'merges':[]}", "'tokenizer.json' at 'model.vocab.a' holds -1; a whole number from 0 to 2147483647 was expected.")]
    [InlineData("{'type':'BPE','vocab':{},'merges':[]}", "'tokenizer.json' holds a vocabulary of no tokens; download the file again.")]
    [InlineData("{'type':'BPE','vocab':{'a':0}}", "'tokenizer.json' at 'model' has no key 'merges', which a tokenizer needs; download the file again or mend it.")]
    [InlineData("{'type':'BPE','vocab':[],'merges':[]}", "'tokenizer.json' at 'model.vocab' holds []; an object was expected.")]
    [InlineData("{'type':'Bpe','vocab':{'a':0},'merges':[]}", "'tokenizer.json' at 'model' names the model 'Bpe', which is not known. Did you mean 'BPE'?")]
    [InlineData("{'type':'Unigram','vocab':[['a',0]]}", "'tokenizer.json' holds a Unigram vocabulary without an unknown token (unk_id); name one, since some character is always missing.")]
    [InlineData("{'type':'Unigram','unk_id':7,'vocab':[['a',0]]}", "'tokenizer.json' gives its unknown token the id 7, but its vocabulary has only 1 tokens; the file does not belong to this vocabulary.")]
    [InlineData("{'type':'Unigram','unk_id':0,'vocab':[['a']]}", "'tokenizer.json' at 'model.vocab[0]' holds [\"a\"]; a pair of piece and score was expected.")]
    [InlineData("{'type':'WordPiece','vocab':{'a':0}}", "'tokenizer.json' holds a WordPiece vocabulary without an unknown token such as [UNK]; name one, since some word is always missing.")]
    public void Tokenizer_json_with_a_broken_model(string model, string expected)
    {
        Assert.Equal(expected, Small.Refusal(Small.Json(model)));
    }

    [Fact]
    public void Tokenizer_json_with_broken_steps()
    {
        string words = Small.Words("?", "a");
        Assert.Equal(
            "'tokenizer.json' at 'normalizer' names the normalizer 'NFK', which is not known. Did you mean 'NFC' or 'NFD' or 'NFKC'?",
            Small.Refusal(Small.Json(words, "{'type':'NFK'}")));
        Assert.Equal(
            "'tokenizer.json' at 'pre_tokenizer.pretokenizers[0]' names the pre-tokenizer 'Byte', which is not known.",
            Small.Refusal(Small.Json(words, pre: "{'type':'Sequence','pretokenizers':[{'type':'Byte'}]}")));
        Assert.StartsWith("'tokenizer.json' at 'decoder' names the decoder 'CTC'", Small.Refusal(Small.Json(words, decoder: "{'type':'CTC'}")), StringComparison.Ordinal);
        Assert.StartsWith("'tokenizer.json' at 'post_processor' names the post-processor 'X'", Small.Refusal(Small.Json(words, post: "{'type':'X'}")), StringComparison.Ordinal);
        Assert.Equal(
            "'tokenizer.json' at 'normalizer.precompiled_charsmap' holds \"!\"; base64 was expected.",
            Small.Refusal(Small.Json(words, "{'type':'Precompiled','precompiled_charsmap':'!'}")));
        Assert.Equal(
            "'tokenizer.json' at 'normalizer.precompiled_charsmap' holds a character map of 4 bytes whose trie claims 4294967295; the map is cut off, so download the file again.",
            Small.Refusal(Small.Json(words, "{'type':'Precompiled','precompiled_charsmap':'/////w=='}")));
        Assert.Equal(
            "'tokenizer.json' at 'added_tokens[0]' gives '?' the id 5, but the model's vocabulary gives it 0; the file's parts do not belong together.",
            Small.Refusal(Small.Json(words, added: "[{'id':5,'content':'?'}]")));
        Assert.Equal(
            "'tokenizer.json' at 'added_tokens[0]' gives the id 1 to '<x>', but the model's vocabulary has 'a' there; the file's parts do not belong together.",
            Small.Refusal(Small.Json(words, added: "[{'id':1,'content':'<x>'}]")));
        Assert.Equal(
            "'tokenizer.json' gives its special token around a text the id 9, but its vocabulary has only 2 tokens; the file does not belong to this vocabulary.",
            Small.Refusal(Small.Json(words, post: "{'type':'BertProcessing','sep':['a',9],'cls':['a',1]}")));
    }

    [Fact]
    public void A_split_pattern_that_explodes_is_stopped_by_a_sentence()
    {
        Tokenizer tokenizer = Small.Load(Small.Json(Small.Words("?", "a"), pre: "{'type':'Split','pattern':{'Regex':'(a+)+$'},'behavior':'Isolated'}"));
        CaravanException refusal = Assert.Throws<CaravanException>(() => tokenizer.Encode(new string('a', 3000) + "b"));
        Assert.Equal(
            "A pattern of this tokenizer backtracks without bound on a text of 3001 characters; "
            + "simplify the nested repetitions of its Split or Replace pattern, or split the text before tokenizing it.",
            refusal.Message);
        Assert.Equal([0, 1], tokenizer.Encode("b\na"));
    }

    [Fact]
    public void Broken_sentencepiece_models()
    {
        byte[] file = Small.SentencePiece([new("<unk>", 0, PieceKind.Unknown), new("a", -1)], 2);
        const string advice = "; download the file again.";
        Assert.Equal("'tokenizer.model' is not a whole SentencePiece model: field 1 claims 14 bytes where 8 are left" + advice, Small.Refusal("tokenizer.model", [.. file.Take(10)]));
        Assert.Equal("'tokenizer.model' is not a whole SentencePiece model: it ends inside a number" + advice, Small.Refusal("tokenizer.model", [0x0A, 0x80]));
        Assert.Equal("'tokenizer.model' is not a whole SentencePiece model: field 1 has wire type 3 where bytes were expected" + advice, Small.Refusal("tokenizer.model", [0x0A, 0x00, 0x0B]));
        Assert.Equal("'tokenizer.model' is not a whole SentencePiece model: a number has more than ten bytes" + advice, Small.Refusal("tokenizer.model", [0x0A, .. Enumerable.Repeat((byte)0xFF, 20)]));
        Assert.Equal(
            "'tokenizer.model' holds a SentencePiece model of type 4; 1 (unigram) and 2 (BPE) are supported.",
            Small.Refusal("tokenizer.model", Small.SentencePiece([new("a", -1)], 4)));
        Assert.Equal(
            "'tokenizer.model' gives the piece 'a' the type 9; 1 to 6 are known, so download the file again.",
            Small.Refusal("tokenizer.model", Small.SentencePiece([new("a", -1, (PieceKind)9)], 2)));
        Assert.Equal(
            "'tokenizer.model' gives the piece 'a' the score NaN; a finite number was expected.",
            Small.Refusal("tokenizer.model", Small.SentencePiece([new("a", double.NaN)], 2)));
    }

    [Fact]
    public void Missing_files_and_folders()
    {
        using TemporaryFolder folder = new();
        Assert.Equal(
            $"'{folder.Path}' holds no tokenizer: none of 'tokenizer.json', '20B_tokenizer.json', 'tokenizer.model', 'spiece.model', 'ice_text.model', 'sentencepiece.bpe.model', 'vocab.json', '*.tiktoken', 'rwkv_vocab*.txt', 'vocab.txt', '*.gguf', 'tok*.bin' is there; download the model's tokenizer files too.",
            Assert.Throws<CaravanException>(() => Tokenizer.Load(folder.Path)).Message);
        Assert.Equal(
            $"There is no file or folder '{folder.File("x")}'; give a model's folder or tokenizer file.",
            Assert.Throws<CaravanException>(() => Tokenizer.Load(folder.File("x"))).Message);
        Assert.Equal("'vocab.json' needs 'merges.txt' beside it, which is missing; download it too.", Small.Refusal("vocab.json", "{\"a\":0}"u8.ToArray()));
        Assert.EndsWith(
            "merges.txt' has 'ab' in line 2; two pieces with a blank between them were expected.",
            Small.Refusal("vocab.json", "{\"a\":0}"u8.ToArray(), ("merges.txt", "#version: 0.2\nab\n")),
            StringComparison.Ordinal);
        Assert.Equal(
            "'vocab.txt' has 2 lines, but none is [UNK], as in a BERT vocabulary; give the model's folder.", Small.Refusal("vocab.txt", "a\nb\n"u8.ToArray()));
    }

    [Fact]
    public void Texts_with_broken_surrogates_and_no_text_are_encoded()
    {
        Tokenizer tokenizer = Small.Load(Small.Json(Small.Words("?", "\uFFFD", "a\uFFFD")));
        Assert.Equal([1], tokenizer.Encode("\uD800"));
        Assert.Equal([2], tokenizer.Encode("a\uDC00"));
        Assert.Empty(tokenizer.Encode(""));
        Assert.Equal("", tokenizer.Decode([]));
        Assert.Equal("", tokenizer.Decode([-5, 99]));
        Assert.Equal(0, tokenizer.TokenBytes(99).Length);
        Assert.Null(tokenizer.TokenToId("b"));
    }
}
