using System.Text;
using Caravan.Tensors.Ops;
using Caravan.Text;

namespace Caravan.Training.Tests;

/// <summary>Tokenizers whose tokens are bytes, and control tokens.</summary>
internal static class ByteTokenizer
{
    /// <summary>A tokenizer with <c>&lt;s&gt;</c> and <c>&lt;/s&gt;</c> as tokens 257 and 258, and others behind them.</summary>
    public static Tokenizer Of(string? template = null, params IEnumerable<string> control)
    {
        string[] special = [.. new[] { "<s>", "</s>" }.Concat(control).Distinct()];
        string pieces = string.Join(',', Enumerable.Range(0, 256).Select(value => $"\"<0x{value:X2}>\":{value}"));
        string added = string.Join(',', special.Select((token, index) => $"{{\"id\":{257 + index},\"content\":\"{token}\",\"special\":true,\"normalized\":false}}"));
        string json = $$$"""
            {"version":"1.0","added_tokens":[{{{added}}}],"normalizer":null,"pre_tokenizer":null,"post_processor":null,
             "decoder":{"type":"Sequence","decoders":[{"type":"ByteFallback"},{"type":"Fuse"}]},
             "model":{"type":"BPE","unk_token":"?","byte_fallback":true,"vocab":{{{{pieces}}},"?":256},"merges":[]}}
            """;
        return new Tokenizer(TokenizerJsonReader.Read(Encoding.UTF8.GetBytes(json), "tokenizer.json") with { ChatTemplate = template, BosId = 257, EosId = 258 });
    }

    /// <summary>The texts that are learnt of a sequence, each stretch by itself.</summary>
    public static string[] Learnt(Tokenizer tokenizer, EncodedSequence sequence)
    {
        List<string> texts = [];
        List<int> stretch = [];
        foreach (int label in sequence.Labels.Append(CrossEntropy.Ignored))
        {
            if (label != CrossEntropy.Ignored)
            {
                stretch.Add(label);
                continue;
            }

            if (stretch.Count > 0) texts.Add(tokenizer.Decode([.. stretch], skipSpecial: false));
            stretch.Clear();
        }

        return [.. texts];
    }
}
