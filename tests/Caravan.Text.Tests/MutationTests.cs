using System.Text;
using Caravan.Testing;

namespace Caravan.Text.Tests;

public class MutationTests
{
    private const string Sample = "Hello  W\u00F6rld 123, don't 🚀 漢字 <x> aab";

    private static void Use(Tokenizer tokenizer)
    {
        foreach (bool special in new[] { false, true })
        {
            TextToken[] tokens = tokenizer.EncodeWithOffsets(Sample, special, special);
            Assert.Equal(tokens.Select(token => token.Id), tokenizer.Encode(Sample, special, special));
            Assert.All(tokens, token => Assert.InRange(token.End, token.Start, Sample.Length));
            tokenizer.Decode([.. tokens.Select(token => token.Id)], !special);
        }
    }

    [Fact]
    public void Mutated_tokenizer_json_is_used_or_refused()
    {
        string[] models =
        [
            Small.Pairs(["?", "a", "b", "aa", "aab", "H", "\u0120", "e", "l", "o"], ["a a", "aa b"], "'unk_token':'?','byte_fallback':true,'fuse_unk':true,'ignore_merges':true,"),
            "{'type':'Unigram','unk_id':0,'byte_fallback':false,'vocab':[['<unk>',0.0],['a',-1.5],['aa',-1.0],['Hello',-2.25],['\\u2581',-3.0]]}",
            "{'type':'WordPiece','unk_token':'?','continuing_subword_prefix':'##','max_input_chars_per_word':100,'vocab':{'?':0,'a':1,'##a':2,'##b':3,'hello':4}}",
        ];
        string normalizer = "{'type':'Sequence','normalizers':[{'type':'NFC'},{'type':'Replace','pattern':{'Regex':' {2,}'},'content':' '},{'type':'Prepend','prepend':'_'},"
            + $"{{'type':'Precompiled','precompiled_charsmap':'{Convert.ToBase64String(Small.CharacterMap(("\u00F6", "o")))}'}},{{'type':'BertNormalizer'}}]}}";
        string pre = "{'type':'Sequence','pretokenizers':[{'type':'Split','pattern':{'Regex':'(?i:\\'s|\\'t)|[^\\\\s\\\\p{L}]+|\\\\p{L}{1,3}+|\\\\s+(?!\\\\S)'},'behavior':'Isolated','invert':false},"
            + "{'type':'Digits','individual_digits':true},{'type':'Metaspace','replacement':'_','prepend_scheme':'first','split':true},{'type':'ByteLevel','add_prefix_space':true,'use_regex':true}]}";
        string decoder = "{'type':'Sequence','decoders':[{'type':'Replace','pattern':{'String':'_'},'content':' '},{'type':'ByteFallback'},{'type':'Fuse'},{'type':'Strip','content':' ','start':1,'stop':0}]}";
        string added = "[{'id':12,'content':'<x>','lstrip':true,'rstrip':true,'special':true,'normalized':false},{'id':13,'content':'W','normalized':true}]";
        string post = "{'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'a','type_id':0}},{'Sequence':{'id':'A','type_id':0}}],'special_tokens':{'a':{'id':'a','ids':[1],'tokens':['a']}}}";
        int refused = 0;
        for (int i = 0; i < models.Length; i++)
        {
            byte[] seed = Encoding.UTF8.GetBytes(Small.Json(models[i], "null", pre.Replace("\\'", "\u0001"), post, decoder, added).Replace("\u0001", "'"));
            Use(new Tokenizer(TokenizerJsonReader.Read(seed, "seed")));
            refused += MutationFuzzer.Run(seed, MutationFuzzer.Mutations(1500), seed: 10 + i, input => Use(new Tokenizer(TokenizerJsonReader.Read(input, "fuzz"))));
            byte[] normalized = Encoding.UTF8.GetBytes(Small.Json(models[i], normalizer));
            Use(new Tokenizer(TokenizerJsonReader.Read(normalized, "seed")));
            refused += MutationFuzzer.Run(normalized, MutationFuzzer.Mutations(1500), seed: 20 + i, input => Use(new Tokenizer(TokenizerJsonReader.Read(input, "fuzz"))));
        }

        Assert.InRange(refused, models.Length * 2 * MutationFuzzer.Mutations(1500) / 10, models.Length * 2 * MutationFuzzer.Mutations(1500) * 98 / 100);
    }

    [Fact]
    public void Mutated_sentencepiece_model_is_used_or_refused()
    {
        Piece[] pieces =
        [
            new("<unk>", 0, PieceKind.Unknown), new("<s>", 0, PieceKind.Control), new("</s>", 0, PieceKind.Control), new("\u2581", -1), new("a", -2),
            new("aa", -1), new("aab", -3, PieceKind.Unused), new("Hello", -1), new("<x>", 0, PieceKind.UserDefined),
        ];
        byte[] map = Small.CharacterMap(("\u00F6", "o"), ("\t", " "));
        foreach (int type in new[] { 1, 2 })
        {
            byte[] seed = Small.SentencePiece(pieces, type, map: map);
            Use(new Tokenizer(SentencePieceFile.Read(seed, "seed")));
            int refused = MutationFuzzer.Run(seed, MutationFuzzer.Mutations(2000), seed: type, input => Use(new Tokenizer(SentencePieceFile.Read(input, "fuzz"))));
            Assert.InRange(refused, MutationFuzzer.Mutations(2000) / 10, MutationFuzzer.Mutations(2000) * 98 / 100);
        }
    }
}
