using Caravan.Text;

namespace Caravan.Weights;

/// <summary>A special token by the key of a <c>config.json</c>, by GGUF's, and in a tokenizer.</summary>
internal sealed record SpecialTokenNames(string Json, string Gguf, Func<Tokenizer, int?> IdOf)
{
    /// <summary>Those that both formats name.</summary>
    public static IReadOnlyList<SpecialTokenNames> All { get; } =
    [
        new("bos_token_id", "tokenizer.ggml.bos_token_id", tokenizer => tokenizer.BosId),
        new("eos_token_id", "tokenizer.ggml.eos_token_id", tokenizer => tokenizer.EosId),
        new("pad_token_id", "tokenizer.ggml.padding_token_id", tokenizer => tokenizer.PadId),
    ];
}
