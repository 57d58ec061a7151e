using Caravan.Models;

namespace Caravan.Inference;

/// <summary>How a generated text joins what came before it.</summary>
internal static class TextJoin
{
    /// <summary>
    /// Whether tokens behind a prompt continue its text, so that a first blank counts. They do not behind a prompt of nothing but control tokens
    /// (and images), or one that an encoder reads.
    /// </summary>
    public static bool Continues(Model model, IReadOnlyList<int> prompt)
    {
        if (model.EncoderDecoder is not null) return false;
        int? image = model.VisionLanguage?.Images.Token;
        return prompt.Any(token => token != image && !model.Tokenizer.IsSpecial(token));
    }
}
