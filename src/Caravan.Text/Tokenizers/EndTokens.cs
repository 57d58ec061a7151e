namespace Caravan.Text;

/// <summary>Which tokens end generation.</summary>
internal static class EndTokens
{
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<|flush|>", "<|calls|>", "<end_of_turn>", "<|endoftext|>", "</s>",
        "<|eom_id|>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]", "<|end_of_text|>", "<end_of_utterance>", "<eos>", "<turn|>", "<|tool_response>",
        "<\uFF5Cend\u2581of\u2581sentence\uFF5C>", "<|eot|>", "<|END_OF_TURN_TOKEN|>", "<|end_of_turn|>",
    };

    /// <summary>The tokens a file names and those known by their text among its special and added tokens.</summary>
    public static HashSet<int> Find(TokenizerDefinition definition)
    {
        HashSet<int> ids = [.. definition.EndIds];
        if (definition.EosId is { } eos) ids.Add(eos);
        HashSet<int> added = [.. definition.Added.Select(token => token.Id)];
        bool typed = added.Count > 0 || definition.Pieces.Any(piece => piece.Kind == PieceKind.Control);
        Dictionary<string, int> byText = new(StringComparer.Ordinal);
        for (int i = 0; i < definition.Pieces.Length; i++)
        {
            Piece piece = definition.Pieces[i];
            if (!Known.Contains(piece.Text) || (typed && !added.Contains(i) && piece.Kind == PieceKind.Normal)) continue;
            byText[piece.Text] = i;
        }

        // In the Harmony format a message's end is not the turn's end, and where Gemma has tool responses </s> is plain text.
        bool harmony = (byText.ContainsKey("<|return|>") || byText.ContainsKey("<|flush|>"))
            && (byText.ContainsKey("<|call|>") || byText.ContainsKey("<|calls|>"));
        foreach ((string text, int id) in byText)
        {
            if (harmony && text == "<|end|>") continue;
            if (text == "</s>" && byText.ContainsKey("<|tool_response>") && id != definition.EosId) continue;
            ids.Add(id);
        }

        return ids;
    }
}
