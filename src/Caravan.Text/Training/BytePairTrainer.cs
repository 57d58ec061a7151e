namespace Caravan.Text;

/// <summary>
/// Learns a byte-level byte-pair vocabulary (Sennrich et al. 2016, "Neural Machine Translation of Rare Words with Subword Units"; Radford et al.
/// 2019 for bytes): the most frequent pair of neighbours becomes a token, again and again. The same texts give the same vocabulary, whatever
/// their order: of pairs seen equally often the one with the smaller ids is merged.
/// </summary>
internal static class BytePairTrainer
{
    /// <summary>How many texts or merges pass between two reports.</summary>
    private const int ReportEvery = 256;

    /// <summary>A tokenizer learnt from texts; its vocabulary is smaller than wanted where the texts have no more pairs.</summary>
    /// <param name="texts">The texts, read once.</param>
    /// <param name="training">What the vocabulary is to be like.</param>
    /// <param name="progress">Told how far it is; may be null.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="CaravanException">The settings contradict each other, the chat template is none, or there is no text.</exception>
    /// <exception cref="OperationCanceledException">The work was ended.</exception>
    public static Tokenizer Train(IEnumerable<string> texts, BytePairTraining training, IProgress<BytePairProgress>? progress = null, CancellationToken cancellation = default)
    {
        training.Check();
        if (training.ChatTemplate is { } template) ChatTemplate.Parse(template);
        NamedPreTokenizers.Entry rules = NamedPreTokenizers.Find(training.PreTokenizer)!;
        SegmentCounts segments = new(rules, [.. training.SpecialTokens, .. training.AddedTokens]);
        long read = 0;
        foreach (string text in texts)
        {
            segments.Add(text);
            if (++read % ReportEvery != 0) continue;
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new(read, 0, training.VocabularySize));
        }

        if (segments.Counts.Count == 0) throw new CaravanException("There is no text to learn a vocabulary from.");
        List<Piece> pieces = FirstPieces(training);
        List<(string Left, string Right)> merges = Merge(segments, pieces, training, tokens => progress?.Report(new(read, tokens, training.VocabularySize)), cancellation);
        return new Tokenizer(Definition(training, rules, [.. pieces], [.. merges]));
    }

    /// <summary>Control tokens, added tokens and the bytes, in the order of the characters that stand for them.</summary>
    private static List<Piece> FirstPieces(BytePairTraining training) =>
    [
        .. training.SpecialTokens.Select(token => new Piece(token, 0, PieceKind.Control)),
        .. training.AddedTokens.Select(token => new Piece(token, 0, PieceKind.UserDefined)),
        .. Enumerable.Range(0, 256).Select(value => ByteAlphabet.CharacterOf((byte)value)).Order().Select(character => new Piece($"{character}")),
    ];

    /// <summary>Makes tokens until there are enough or no pair is frequent enough; returns the merges, best first.</summary>
    private static List<(string Left, string Right)> Merge(
        SegmentCounts segments, List<Piece> pieces, BytePairTraining training, Action<int> report, CancellationToken cancellation)
    {
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        for (int id = 0; id < pieces.Count; id++) ids[pieces[id].Text] = id;
        int given = training.SpecialTokens.Count + training.AddedTokens.Count;
        int[] byCharacter = new int[Enumerable.Range(0, 256).Max(value => ByteAlphabet.CharacterOf((byte)value)) + 1];
        for (int id = given; id < pieces.Count; id++) byCharacter[pieces[id].Text[0]] = id;
        PairCounts pairs = new();
        foreach ((string segment, long count) in segments.Counts) pairs.Add([.. segment.Select(character => byCharacter[character])], count);
        List<(string Left, string Right)> merges = [];
        while (pieces.Count < training.VocabularySize && pairs.TryTakeBest(training.MinimumFrequency, out int left, out int right))
        {
            (string first, string second) = (pieces[left].Text, pieces[right].Text);
            // Two pairs may give the same text; a given token is never made of letters.
            if (ids.TryGetValue(first + second, out int merged) && merged < given) continue;
            if (!ids.ContainsKey(first + second))
            {
                merged = ids[first + second] = pieces.Count;
                pieces.Add(new Piece(first + second));
            }

            merges.Add((first, second));
            pairs.Merge(left, right, merged);
            if (merges.Count % ReportEvery != 0) continue;
            cancellation.ThrowIfCancellationRequested();
            report(pieces.Count);
        }

        return merges;
    }

    private static TokenizerDefinition Definition(BytePairTraining training, NamedPreTokenizers.Entry rules, Piece[] pieces, (string Left, string Right)[] merges)
    {
        string[] given = [.. training.SpecialTokens, .. training.AddedTokens];
        return new TokenizerDefinition
        {
            Source = training.Source,
            Model = ModelKind.BytePair,
            Pieces = pieces,
            Merges = merges,
            IgnoreMerges = rules.IgnoresMerges,
            EmitsUnknown = false,
            Normalizer = rules.Normalizer,
            PreTokenizer = rules.PreTokenizer,
            PreTokenizerName = training.PreTokenizer,
            Decoder = new ByteLevelDecoder(),
            Added = [.. given.Select((token, id) => new AddedToken(id, token) { Special = id < training.SpecialTokens.Count })],
            BosId = Id(training.BosToken),
            EosId = Id(training.EosToken),
            PadId = Id(training.PadToken),
            ChatTemplate = training.ChatTemplate,
        };

        int? Id(string? token) => token is null ? null : Array.IndexOf(given, token);
    }
}
