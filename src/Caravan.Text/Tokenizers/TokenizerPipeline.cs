namespace Caravan.Text;

/// <summary>The steps from text to ids, built from a definition; used by many threads, each with its own <see cref="Workspace"/>.</summary>
internal sealed class TokenizerPipeline
{
    private readonly TokenizerDefinition definition;
    private readonly TextModel model;
    private readonly AddedTokenMatcher rawMatcher;
    private readonly AddedTokenMatcher normalizedMatcher;
    private readonly List<PreTokenizer> steps = [];
    private readonly ByteLevelPreTokenizer? lastStep;

    /// <summary>What one call needs.</summary>
    internal sealed class Workspace
    {
        public Segments Segments { get; } = new();

        public MergeBuffers Buffers { get; } = new();

        public TokenSink Sink { get; } = new();

        public List<(int Start, int End, int Id)> Found { get; } = [];

        public List<(int Start, int End, int Id)> FoundNormalized { get; } = [];

        /// <summary>Places of the text where no control token begins, whatever is spelled there.</summary>
        public IReadOnlySet<int>? Plain { get; set; }
    }

    /// <summary>Builds the tables.</summary>
    /// <exception cref="CaravanException">The definition does not hold together.</exception>
    public TokenizerPipeline(TokenizerDefinition definition)
    {
        this.definition = definition;
        Flatten(definition.PreTokenizer);
        bool plain = definition.SubwordPrefix.Length == 0 && definition.WordSuffix.Length == 0 && !definition.ByteFallback;
        if (definition.Model == ModelKind.BytePair && plain && steps is [.., ByteLevelPreTokenizer last])
        {
            // The model takes bytes as they are, so the characters that stand for them need not be written out.
            steps.RemoveAt(steps.Count - 1);
            lastStep = last;
        }

        model = definition.Model switch
        {
            ModelKind.BytePair => new BytePairModel(definition, takesBytes: lastStep is not null),
            ModelKind.ScoredPair => new ScoredPairModel(definition),
            ModelKind.Unigram => new UnigramModel(definition),
            ModelKind.WordPiece => new WordPieceModel(definition),
            ModelKind.WordLevel => new WordLevelModel(definition),
            _ => new LongestMatchModel(definition),
        };
        rawMatcher = new AddedTokenMatcher(definition.Added.Where(token => !token.Normalized).Select(token => (token, token.Content)));
        normalizedMatcher = new AddedTokenMatcher(
            definition.Added.Where(token => token.Normalized).Select(token => (token, Normalize(token.Content))));
    }

    /// <summary>Adds the tokens of a text to the workspace's sink.</summary>
    public void Encode(ReadOnlySpan<char> text, bool parseSpecial, Workspace work)
    {
        work.Found.Clear();
        if (!rawMatcher.IsEmpty) rawMatcher.Find(text, parseSpecial, work.Plain, work.Found);
        int done = 0;
        foreach ((int start, int end, int id) in work.Found)
        {
            EncodePart(text, done, start, parseSpecial, work);
            work.Sink.AddAt(id, start, end);
            done = end;
        }

        EncodePart(text, done, text.Length, parseSpecial, work);
    }

    private void Flatten(PreTokenizer? step)
    {
        if (step is SequencePreTokenizer sequence)
            foreach (PreTokenizer inner in sequence.Steps) Flatten(inner);
        else if (step is not null) steps.Add(step);
    }

    private string Normalize(string text)
    {
        AlignedText aligned = new();
        aligned.Load(text, 0);
        definition.Normalizer?.Apply(aligned);
        return aligned.Span.ToString();
    }

    private void EncodePart(ReadOnlySpan<char> text, int start, int end, bool parseSpecial, Workspace work)
    {
        if (start == end) return;
        Segments segments = work.Segments;
        segments.Text.Load(text[start..end], start);
        definition.Normalizer?.Apply(segments.Text);
        segments.Reset();
        work.FoundNormalized.Clear();
        if (!normalizedMatcher.IsEmpty) TakeNormalized(segments, parseSpecial, work);
        foreach (PreTokenizer step in steps) step.Apply(segments);
        lastStep?.Cut(segments);
        int next = 0;
        foreach ((int from, int to) in segments.Items)
        {
            for (; next < work.FoundNormalized.Count && work.FoundNormalized[next].Start <= segments.Text.OriginalStart(from); next++)
                work.Sink.AddAt(work.FoundNormalized[next].Id, work.FoundNormalized[next].Start, work.FoundNormalized[next].End);
            model.Encode(segments.Text, from, to, work.Buffers, work.Sink);
        }

        for (; next < work.FoundNormalized.Count; next++)
            work.Sink.AddAt(work.FoundNormalized[next].Id, work.FoundNormalized[next].Start, work.FoundNormalized[next].End);
    }

    /// <summary>Takes added tokens out of the normalised text; their places are kept as places in the original.</summary>
    private void TakeNormalized(Segments segments, bool parseSpecial, Workspace work)
    {
        AlignedText text = segments.Text;
        List<(int Start, int End, int Id)> found = work.FoundNormalized;
        HashSet<int>? plain = work.Plain is { } places ? [.. Enumerable.Range(0, text.Length).Where(place => places.Contains(text.OriginalStart(place)))] : null;
        normalizedMatcher.Find(text.Span, parseSpecial, plain, found);
        if (found.Count == 0) return;
        segments.Items.Clear();
        int done = 0;
        for (int i = 0; i < found.Count; i++)
        {
            (int start, int end, int id) = found[i];
            if (start > done) segments.Items.Add((done, start));
            done = end;
            found[i] = (text.OriginalStart(start), text.OriginalEnd(end - 1), id);
        }

        if (done < text.Length) segments.Items.Add((done, text.Length));
    }
}
