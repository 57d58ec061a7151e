using Caravan.Testing;

namespace Caravan.Training.Tests;

/// <summary>Statistics, near-duplicates and contamination.</summary>
public sealed class AnalysisTests : IDisposable
{
    private static readonly string[] Vocabulary = [.. Enumerable.Range(0, 500).Select(i => $"w{i}")];
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("It's 3.5 o'clock, Ω!", "It|s|3|5|o|clock|Ω")]
    [InlineData("你好 world カタ。한국어 말", "你|好|world|カ|タ|한국어|말")]
    [InlineData("  ", "")]
    [InlineData("\ud800a😀b", "a|b")]
    public void WordsAreLettersAndDigits(string text, string words)
    {
        List<(int Start, int End)> places = [];
        Words.Hashes(text, places);
        Assert.Equal(words, string.Join('|', places.Select(place => text[place.Start..place.End])));
        Assert.Equal(Words.Hashes(text), Words.Hashes(text.ToUpperInvariant()));
    }

    [Theory]
    [InlineData('a', "Latin")]
    [InlineData('é', "Latin")]
    [InlineData('ж', "Cyrillic")]
    [InlineData('中', "Han")]
    [InlineData('の', "Kana")]
    [InlineData('한', "Hangul")]
    [InlineData('ع', "Arabic")]
    [InlineData('ꔀ', "other")]
    public void LettersHaveScripts(char letter, string script) => Assert.Equal(script, WritingSystem.Of(letter));

    [Fact]
    public void LengthsAreExact()
    {
        LengthCounts lengths = new();
        int[] all = [.. Enumerable.Range(1, 100), 1000];
        foreach (int length in all.Reverse()) lengths.Add(length);
        Assert.Equal((101, 6050, 1000), (lengths.Count, lengths.Total, lengths.Longest));
        Assert.Equal([51, 91, 100, 1000, 1], new[] { 0.5, 0.9, 0.99, 1, 0 }.Select(lengths.Percentile));
        Assert.Equal([(16, 16L), (32, 16), (64, 32), (128, 36), (256, 0), (512, 0), (1024, 1)], lengths.Histogram());
        Assert.Equal(51, lengths.Above(50));
    }

    [Fact]
    public void StatisticsCountWhatThereIs()
    {
        SampleFiles files = new([
            folder.Write("a.jsonl", """
                {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is it?"}, {"role": "assistant", "content": "A dog."}]}
                {"messages": [{"role": "user", "content": "你好吗"}, {"role": "assistant", "content": "好"}]}
                {"messages": [{"role": "user", "content": "你好吗"}, {"role": "assistant", "content": "好"}]}
                {"messages": [{"role": "user", "content": ""}, {"role": "assistant", "content": "!"}]}
                """u8),
            folder.Write("b.jsonl", """{"text": "One two three"}"""u8)]);
        DataStatistics found = DataStatistics.Of(files, text => Words.Count(text));
        Assert.Equal([("a conversation", 4L), ("a text", 1)], found.Kinds.Select(pair => (pair.Key, pair.Value)));
        Assert.Equal([("assistant", 4L, 4L), ("system", 1, 2), ("text", 1, 3), ("user", 4, 9)], found.Parts.Select(pair => (pair.Key, pair.Value.Count, pair.Value.Total)));
        Assert.Equal((1L, 1L), (found.Duplicates, found.Empty));
        Assert.Equal([("Han", 2L), ("Latin", 2), ("none", 1)], found.Scripts.Select(pair => (pair.Key, pair.Value)));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.8)]
    [InlineData(0.95)]
    public void BandsFindPairsAsOftenAsTheFormulaSays(double similarity)
    {
        MinHash signatures = new(0.8);
        Assert.InRange(signatures.Found(0.8), 0.95, 1);
        const int pairs = 600, size = 100;
        int found = 0, shared = (int)Math.Round(2 * size * similarity / (1 + similarity));
        double actual = shared / (2.0 * size - shared);
        ulong next = 1;
        ulong[] a = new ulong[signatures.Bands], b = new ulong[signatures.Bands];
        for (int pair = 0; pair < pairs; pair++)
        {
            ulong[] first = [.. Enumerable.Range(0, size).Select(_ => Hash64.Add(7, next++))];
            ulong[] second = [.. first.Take(shared), .. Enumerable.Range(0, size - shared).Select(_ => Hash64.Add(7, next++))];
            Array.Sort(first);
            Array.Sort(second);
            Assert.Equal(actual, Shingles.Similarity(first, second), 12);
            signatures.Sign(first, a);
            signatures.Sign(second, b);
            if (a.Zip(b).Any(band => band.First == band.Second)) found++;
        }

        // A binomial of 600: four deviations are at most 0.082. Places share nothing but the set, so that bands are independent but for chance.
        Assert.InRange((double)found / pairs, signatures.Found(actual) - 0.085, signatures.Found(actual) + 0.085);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void NearDuplicatesAreThoseOfAComparisonOfAll(bool characters)
    {
        Random random = new(3);
        List<TextSample> samples = [];
        for (int i = 0; i < 120; i++)
        {
            string[] words = i % 3 == 0 || samples.Count == 0
                ? [.. Enumerable.Range(0, 80).Select(_ => Vocabulary[random.Next(Vocabulary.Length)])]
                : samples[random.Next(samples.Count)].Text.Split(' ');
            for (int change = random.Next(6); i % 3 != 0 && change > 0; change--) words[random.Next(words.Length)] = Vocabulary[random.Next(Vocabulary.Length)];
            samples.Add(new TextSample(string.Join(' ', words), new Origin("f", i + 1)));
        }

        const double threshold = 0.7;
        Shingles shingles = new(characters ? 9 : 3, characters);
        NearDuplicates duplicates = new(shingles, threshold);
        List<(ulong[] Set, Origin Origin)> kept = [];
        int removed = 0, missed = 0;
        foreach (TextSample sample in samples)
        {
            ulong[] set = shingles.Of(sample);
            (double Similarity, Origin Origin) nearest = kept.Select(each => (Shingles.Similarity(set, each.Set), each.Origin)).OrderByDescending(each => each.Item1).FirstOrDefault();
            (Origin Earlier, double Similarity)? found = duplicates.Add(sample);
            if (found is var (earlier, similarity))
            {
                removed++;
                Assert.True(similarity >= threshold);
                Assert.Equal(nearest.Similarity, similarity);
                Assert.Equal(nearest.Origin, earlier);
                continue;
            }

            if (nearest.Similarity >= threshold) missed++;
            kept.Add((set, sample.Origin));
        }

        Assert.True(removed > 30, $"{removed}");
        // At the threshold one in twenty may be missed, above it fewer.
        Assert.True(missed <= removed / 10, $"{missed} of {removed + missed} were missed");
    }

    [Fact]
    public void ShortAndEmptyTextsAreComparedToo()
    {
        NearDuplicates duplicates = new(new Shingles(5, characters: false), 0.8);
        Assert.Null(duplicates.Add(Text("Hello there", 1)));
        Assert.Null(duplicates.Add(Text("", 2)));
        Assert.Equal((new Origin("f", 1), 1.0), duplicates.Add(Text("hello, THERE!", 3)));
        Assert.Equal((new Origin("f", 2), 1.0), duplicates.Add(Text("...", 4)));
        Assert.Null(duplicates.Add(Text("there hello", 5)));
    }

    [Fact]
    public void StretchesOfAnEvaluationAreFound()
    {
        string question = "How many apples does Mary have when she gives three of her seven apples to John and buys two?";
        Contamination check = new([Text(question, 1), Text("The capital city of France is called Paris today", 2), Text("Too short", 3)]);
        Assert.Equal((2, 1L), (check.Samples.Count, check.TooShort));
        Assert.Empty(check.Search(Text("Mary has seven apples; she gives three of her seven apples to Tom and buys two.", 10)));
        ContaminationHit hit = Assert.Single(check.Search(Text("Q: \"HOW many apples, does Mary have — when she gives three of her seven apples to John?\"", 11)));
        Assert.Equal((new Origin("f", 11), new Origin("f", 1), "HOW many apples, does Mary have — when she gives three of her seven"), (hit.Training, hit.Evaluation, hit.Text));
        Assert.Single(check.Search(Text("I know that the capital city of France is called Paris today, of course.", 12)));
        Assert.Empty(check.Search(Text("I know that the capital city of France is called Paris.", 13)));
        Assert.Equal([1L, 1], check.Samples.Select(sample => sample.Hits));
    }

    [Fact]
    public void WhatAFormatCannotHoldIsRefused()
    {
        SampleFiles files = new([folder.Write("a.jsonl", """{"prompt": "p", "chosen": "a", "rejected": "b"}"""u8)]);
        string path = folder.File("out.jsonl");
        using (SampleWriter writer = new(path))
        {
            CaravanException problem = Assert.Throws<CaravanException>(() => writer.Write(files.Samples().First(), SampleFormats.Named("alpaca")));
            Assert.EndsWith("line 1 holds a preference that the format 'alpaca' (instruction, input, output) has no place for.", problem.Message, StringComparison.Ordinal);
        }

        Assert.Single(Directory.GetFiles(folder.Path));
        using (SampleWriter writer = new(path))
        {
            writer.Write(files.Samples().First(), SampleFormats.Named("kto"));
            writer.Commit();
        }

        Assert.Equal(["{\"prompt\":\"p\",\"completion\":\"a\",\"label\":true}", "{\"prompt\":\"p\",\"completion\":\"b\",\"label\":false}"], File.ReadAllLines(path));
    }

    [Fact]
    public void RecordsOfSeveralLinesAreWrittenOnOne()
    {
        SampleFiles files = new([folder.Write("a.json", "[{\"text\":\n\"好\"}]"u8)]);
        string path = folder.File("out.jsonl.gz");
        using (SampleWriter writer = new(path))
        {
            foreach (DataRecord record in files.Records()) writer.Write(record);
            writer.Commit();
        }

        Assert.Equal("{\"text\":\"好\"}\n", new StreamReader(new DataStream(path)).ReadToEnd());
    }

    public void Dispose() => folder.Dispose();

    private static TextSample Text(string text, int line) => new(text, new Origin("f", line));
}
