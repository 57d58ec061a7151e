using System.Text;
using System.Text.Json;
using Caravan.Models;
using Caravan.Tensors.Ops;
using Caravan.Testing;
using Caravan.Text;

namespace Caravan.Training.Tests;

/// <summary>The order of samples and batches depends on the seed alone, and goes on exactly where it was left.</summary>
public sealed class DatasetTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData(1 << 20)]
    [InlineData(300)]
    [InlineData(1)]
    public void EachEpochHasEveryRecordOnce(long shuffleBytes)
    {
        DatasetOptions options = Options(Records("a", 50)) with { Epochs = 3, ShuffleBytes = shuffleBytes };
        string[] drawn = Draw(new Dataset(options), 1000);
        Assert.Equal(150, drawn.Length);
        string[][] epochs = [.. drawn.Chunk(50)];
        string[] all = [.. Enumerable.Range(0, 50).Select(i => $"a{i}").Order(StringComparer.Ordinal)];
        Assert.All(epochs, epoch => Assert.Equal(all, epoch.Order(StringComparer.Ordinal)));
        if (shuffleBytes > 1) Assert.NotEqual(epochs[0], epochs[1]);
        Assert.Equal(drawn, Draw(new Dataset(options), 1000));
        if (shuffleBytes > 1) Assert.NotEqual(drawn, Draw(new Dataset(options with { Seed = 2 }), 1000));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"a{i}"), Draw(new Dataset(options with { Shuffle = false, Epochs = 1 }), 1000));
    }

    [Fact]
    public void AShuffleIsOne()
    {
        // Of 50 records in random order about one stays in place and every place is equally probable; 0.5 is far from an accident.
        string[] drawn = Draw(new Dataset(Options(Records("a", 50))), 5000);
        double mean = drawn.Select((text, place) => (Record: int.Parse(text[1..]), Place: place % 50)).Where(each => each.Record < 5).Average(each => each.Place);
        // 500 places of mean 24.5 and deviation 14.4: the mean deviates by 0.65.
        Assert.InRange(mean, 24.5 - 3, 24.5 + 3);
    }

    [Theory]
    [InlineData(1 << 20)]
    [InlineData(300)]
    public void AnyPlaceIsFoundAgain(long shuffleBytes)
    {
        Dataset data = new(Options(Records("a", 40), Records("b", 7)) with { ShuffleBytes = shuffleBytes });
        string[] whole = Draw(data, 200);
        using SampleStream stream = data.Read();
        for (int place = 0; place < 120; place++)
        {
            string cursor = JsonSerializer.Serialize(stream.Cursor);
            Assert.True(cursor.Length < 200);
            Assert.Equal(whole[place..(place + 10)], Draw(data, 10, JsonSerializer.Deserialize<DatasetCursor>(cursor)));
            stream.Next();
        }
    }

    [Fact]
    public void WeightsSayHowOftenAMixIsDrawn()
    {
        string[] drawn = Draw(new Dataset(Options(Records("a", 40), Records("b", 40)) with { Mixes = [new([Records("a", 40)], 3), new([Records("b", 40)], 1)] }), 4000);
        // Binomial of 4000 draws with 3/4: a deviation of 27.
        Assert.InRange(drawn.Count(text => text[0] == 'a'), 3000 - 140, 3000 + 140);
    }

    [Fact]
    public void WhatIsHeldOutIsNeverLearnt()
    {
        DatasetOptions options = Options(Records("a", 1000)) with { Epochs = 1, EvaluationFraction = 0.2 };
        string[] learnt = Draw(new Dataset(options), 2000), held = Draw(new Dataset(options with { Part = DataPart.Evaluation }), 2000);
        Assert.Equal(1000, learnt.Union(held).Count());
        Assert.Empty(learnt.Intersect(held));
        // Binomial of 1000 draws with 1/5: a deviation of 13.
        Assert.InRange(held.Length, 200 - 65, 200 + 65);
        Assert.Equal(held.Order(), Draw(new Dataset(options with { Part = DataPart.Evaluation, Seed = 9 }), 2000).Order());
    }

    [Fact]
    public void RefusalsAreSentences()
    {
        string path = Records("a", 3);
        Assert.Contains("has no epochs", Refusal(Options(path, path) with { Epochs = 2 }), StringComparison.Ordinal);
        Assert.Contains("cannot be held out", Refusal(Options(path) with { EvaluationFraction = 1 }), StringComparison.Ordinal);
        Assert.Contains("not above 0", Refusal(Options(path) with { Mixes = [new([path], 0)] }), StringComparison.Ordinal);
        Dataset data = new(Options(path));
        Assert.Contains("fewer records", Assert.Throws<CaravanException>(() => data.Read(new DatasetCursor(0, [new MixCursor(0, 9, 0)]))).Message, StringComparison.Ordinal);
        Assert.Contains("2 mixes", Assert.Throws<CaravanException>(() => data.Read(new DatasetCursor(0, [new(0, 0, 0), new(0, 0, 0)]))).Message, StringComparison.Ordinal);
        Assert.Contains("holds no records", Assert.Throws<CaravanException>(() => new Dataset(Options(path) with { Part = DataPart.Evaluation }).Read()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BatchesGoOnWhereTheyWereLeft()
    {
        string texts = Records("a", 30, i => new string((char)('a' + (i % 26)), (i * 7 % 50) + 1));
        Dataset data = new(Options(texts) with { Epochs = 2 });
        List<(string Cursor, string Batch)> whole = Batches(data, null);
        // Every token of both epochs is learnt once, but for the first of each document.
        int counted = Enumerable.Range(0, 30).Sum(i => (i * 7 % 50) + 1) * 2;
        Assert.Equal(counted, whole.Sum(batch => batch.Batch.Split(' ').Count(label => label.StartsWith('>') && label != ">-100")));
        for (int i = 0; i < whole.Count; i++)
            Assert.Equal(whole[i..], Batches(data, JsonSerializer.Deserialize<PackerCursor>(whole[i].Cursor)));
    }

    [Fact]
    public void LabelsAreTheTokensBehind()
    {
        Tokenizer tokenizer = ByteTokenizer.Of();
        TrainingText text = new(tokenizer, null, new TrainingTextOptions { Context = 3 });
        EncodedSample sample = text.Encode(new TextSample("abcde", new Origin("f", 1)))!;
        Assert.Equal([['a', 'b', 'c'], ['d', 'e', 258]], sample.Sequences.Select(piece => piece.Tokens));
        Assert.Equal([['b', 'c', 'd'], ['e', 258, CrossEntropy.Ignored]], sample.Sequences.Select(piece => piece.Labels));
        Assert.Null(text.Encode(new TextSample("", new Origin("f", 1))));
    }

    [Fact]
    public void OfPromptAndAnswerTheAnswerIsLearnt()
    {
        Tokenizer tokenizer = ByteTokenizer.Of();
        TrainingText text = new(tokenizer, null, new TrainingTextOptions { Context = 30 });
        EncodedSample pair = text.Encode(new PreferenceSample(Passage.Of("2+2="), Passage.Of("4"), Passage.Of("five"), null, new Origin("f", 1)))!;
        Assert.Equal(["4</s>", "five</s>"], pair.Sequences.SelectMany(sequence => ByteTokenizer.Learnt(tokenizer, sequence)));
        EncodedSample prompt = text.Encode(new PromptSample(Passage.Of("2+2="), [], new Origin("f", 1)))!;
        Assert.Equal(("2+2=", 0), (tokenizer.Decode(prompt.Sequences[0].Tokens), prompt.Counted));
        Assert.Contains("no chat template", Assert.Throws<CaravanException>(() => text.Encode(new ConversationSample([MessageList.Message("user", "a")], null, new Origin("f", 7)))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SamplesThatAreTooLongFollowThePolicy()
    {
        Tokenizer tokenizer = ByteTokenizer.Of();
        LabelledSample sample = new(Passage.Of("12345"), Passage.Of("678"), true, new Origin("f", 7));
        CaravanException problem = Assert.Throws<CaravanException>(() => Text(LongSamples.Error, 8).Encode(sample));
        Assert.Equal("'f' line 7 has 9 tokens, more than the context of 8; give a longer context, or let long samples be truncated or dropped.", problem.Message);
        TrainingText dropping = Text(LongSamples.Drop, 8), truncating = Text(LongSamples.Truncate, 8), hopeless = Text(LongSamples.Truncate, 4);
        Assert.Null(dropping.Encode(sample));
        Assert.Equal((1, 0), (dropping.Dropped, dropping.Truncated));
        // The last row still predicts the token that was cut off.
        Assert.Equal("678</s>", string.Concat(ByteTokenizer.Learnt(tokenizer, truncating.Encode(sample)!.Sequences[0])));
        Assert.Equal((0, 1), (truncating.Dropped, truncating.Truncated));
        Assert.Null(hopeless.Encode(sample));
        Assert.Equal(1, hopeless.Dropped);

        TrainingText Text(LongSamples policy, int context) => new(tokenizer, null, new TrainingTextOptions { Context = context, Long = policy });
    }

    [Fact]
    public void OnlyWhatCountsGetsLogits()
    {
        Tokenizer tokenizer = ByteTokenizer.Of();
        string path = folder.Write("p.jsonl", """{"prompt": "12345", "chosen": "6", "rejected": "78"}"""u8);
        using Packer packer = new(new Dataset(Options(path) with { Epochs = 1 }), new TrainingText(tokenizer, null, new TrainingTextOptions { Context = 20 }), new PackerOptions(15));
        PackedBatch packed = new();
        Batch batch = new();
        Assert.True(packer.Next(packed));
        foreach (EncodedSequence sequence in packed.Sequences) batch.AddScored(sequence.Tokens, sequence.Labels);
        Assert.Equal((15, 5), (packed.Tokens, packed.Counted));
        Assert.Equal([4, 5, 11, 12, 13], batch.LogitRows.ToArray());
        Assert.Equal(['6', 258, '7', '8', 258], batch.Labels.ToArray());
        Assert.False(packer.Next(packed));
        using Packer tight = new(new Dataset(Options(path)), new TrainingText(tokenizer, null, new TrainingTextOptions { Context = 20 }), new PackerOptions(14));
        Assert.Contains("holds a preference of 15 tokens, more than the 14 of a batch", Assert.Throws<CaravanException>(() => tight.Next(packed)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private static List<(string Cursor, string Batch)> Batches(Dataset data, PackerCursor? from)
    {
        TrainingText text = new(ByteTokenizer.Of(), null, new TrainingTextOptions { Context = 16 });
        using Packer packer = new(data, text, new PackerOptions(40, 3), from);
        List<(string, string)> batches = [];
        PackedBatch packed = new();
        Batch batch = new();
        string cursor = JsonSerializer.Serialize(packer.Cursor);
        while (packer.Next(packed))
        {
            Assert.InRange(packed.Tokens, 1, 40);
            batch.Clear();
            foreach (EncodedSequence sequence in packed.Sequences) batch.AddScored(sequence.Tokens, sequence.Labels);
            Assert.Equal((packed.Tokens, packed.Counted), (batch.Count, batch.LogitRows.Length));
            batches.Add((cursor, string.Join(' ', batch.Tokens.ToArray()) + " " + string.Join(' ', batch.Labels.ToArray().Select(label => $">{label}"))));
            cursor = JsonSerializer.Serialize(packer.Cursor);
        }

        return batches;
    }

    private static string Refusal(DatasetOptions options) => Assert.Throws<CaravanException>(() => new Dataset(options)).Message;

    private static string[] Draw(Dataset data, int count, DatasetCursor? from = null)
    {
        using SampleStream stream = data.Read(from);
        List<string> texts = [];
        while (texts.Count < count && stream.Next() is TextSample sample) texts.Add(sample.Text);
        return [.. texts];
    }

    private static DatasetOptions Options(params string[] paths) => new() { Mixes = [.. paths.Select(path => new DataMix([path]))], Seed = 1 };

    private string Records(string name, int count, Func<int, string>? text = null) => folder.Write(
        $"{name}.jsonl", Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, count).Select(i => JsonSerializer.Serialize(new { text = text?.Invoke(i) ?? $"{name}{i}" })))));
}
