using System.Text;
using Caravan.Inference;
using Caravan.Text;

namespace Caravan.Server;

/// <summary>A continued text, as far as it has come.</summary>
internal sealed class CollectedText(Tokenizer tokenizer)
{
    private readonly StringBuilder text = new();
    private readonly List<string> tokens = [];
    private readonly List<float?> logProbabilities = [];
    private readonly List<Dictionary<string, float>?> alternatives = [];
    private readonly List<int> offsets = [];
    private double sum;
    private int generated, takenText, takenTokens;

    /// <summary>The text.</summary>
    public string Text => text.ToString();

    /// <summary>The mean of ln p of its generated tokens, by which the best of several answers are found; 0 without any.</summary>
    public double MeanLogProbability => generated == 0 ? 0 : sum / generated;

    /// <summary>All its tokens.</summary>
    public CompletionLogProbabilities Log => new(tokens, logProbabilities, alternatives, offsets);

    /// <summary>Takes a piece.</summary>
    /// <param name="piece">What came.</param>
    /// <param name="tells">Whether log-probabilities are told.</param>
    public void Add(in TextDelta piece, bool tells)
    {
        int place = text.Length;
        text.Append(piece.Text);
        if (piece.Token is not { } token) return;
        sum += token.LogProbability;
        generated++;
        if (tells) AddToken(token.Id, token.LogProbability, piece.Alternatives, place);
    }

    /// <summary>Takes text without a token.</summary>
    public void AddText(string more) => text.Append(more);

    /// <summary>Takes a token whose text is there.</summary>
    public void AddToken(int id, float? logProbability, IReadOnlyList<TokenLogProbability>? others, int place)
    {
        tokens.Add(tokenizer.Spelled(id));
        logProbabilities.Add(logProbability is { } known ? TokenProbabilities.Finite(known) : null);
        alternatives.Add(others is { Count: > 0 } ? TokenProbabilities.Alternatives(tokenizer, others) : null);
        offsets.Add(place);
    }

    /// <summary>What came since it was asked last.</summary>
    public (string Text, CompletionLogProbabilities? Log) TakePiece(bool tells)
    {
        string piece = text.ToString(takenText, text.Length - takenText);
        bool none = !tells || tokens.Count == takenTokens;
        CompletionLogProbabilities? log = none ? null : new(tokens[takenTokens..], logProbabilities[takenTokens..], alternatives[takenTokens..], offsets[takenTokens..]);
        (takenText, takenTokens) = (text.Length, tokens.Count);
        return (piece, log);
    }
}
