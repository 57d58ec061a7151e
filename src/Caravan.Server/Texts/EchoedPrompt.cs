using Caravan.Inference;
using Caravan.Text;

namespace Caravan.Server;

/// <summary>A prompt before its answers: nothing where it is not echoed.</summary>
/// <param name="tokenizer">The model's tokenizer.</param>
/// <param name="text">What is shown of it.</param>
/// <param name="tokens">Its tokens.</param>
/// <param name="scores">How probable they were, but for the first; none where that was not asked for.</param>
internal sealed class EchoedPrompt(Tokenizer tokenizer, string text, int[] tokens, IReadOnlyList<ScoredToken> scores)
{
    /// <summary>What is shown of it.</summary>
    public string Text => text;

    /// <summary>An answer that begins with it.</summary>
    public CollectedText Begin()
    {
        CollectedText answer = new(tokenizer);
        answer.AddText(text);
        if (scores.Count == 0 && tokens.Length != 1) return answer;
        int place = 0;
        for (int i = 0; i < tokens.Length; i++)
        {
            string spelled = tokenizer.Spelled(tokens[i]);
            answer.AddToken(tokens[i], i == 0 ? null : scores[i - 1].LogProbability, i == 0 ? null : scores[i - 1].Alternatives, place);
            // The token that begins a text is not shown in it.
            if (!tokenizer.IsSpecial(tokens[i]) || text.AsSpan(Math.Min(place, text.Length)).StartsWith(spelled)) place = Math.Min(text.Length, place + tokenizer.Shown(tokens[i]).Length);
        }

        return answer;
    }
}
