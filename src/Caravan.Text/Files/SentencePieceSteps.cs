namespace Caravan.Text;

/// <summary>The steps around a SentencePiece model, in the terms of tokenizer.json.</summary>
internal static class SentencePieceSteps
{
    private const string Mark = "\u2581";

    /// <summary>
    /// Character map, then blanks at the ends and runs of blanks if they are to go, then the blank put first, then blanks made visible.
    /// </summary>
    public static Normalizer Normalizer(PrecompiledNormalizer? map, bool removeExtraBlanks, bool addPrefix)
    {
        List<Normalizer> steps = [];
        if (map is not null) steps.Add(map);
        if (removeExtraBlanks)
        {
            steps.Add(new ReplaceNormalizer(TextPattern.Regex("\\A +|(?<! ) ++\\z"), ""));
            steps.Add(new ReplaceNormalizer(TextPattern.Regex(" {2,}"), " "));
        }

        if (addPrefix) steps.Add(new PrependNormalizer(Mark));
        steps.Add(new ReplaceNormalizer(TextPattern.Literal(" "), Mark));
        return new SequenceNormalizer(steps);
    }

    /// <summary>Visible blanks back to blanks, byte tokens to bytes, and the blank put first away.</summary>
    public static Decoder Decoder(bool addPrefix)
    {
        List<Decoder> steps = [new ReplaceDecoder(TextPattern.Literal(Mark), " "), new ByteFallbackDecoder(), new FuseDecoder()];
        if (addPrefix) steps.Add(new StripDecoder(" ", 1, 0, true));
        return SequenceDecoder.Of(steps);
    }
}
