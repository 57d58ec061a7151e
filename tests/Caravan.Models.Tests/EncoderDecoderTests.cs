using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Testing;

namespace Caravan.Models.Tests;

/// <summary>Every encoder-decoder among the fixtures against the reference's numbers, however its tokens are cut into batches.</summary>
public class EncoderDecoderTests
{
    public static TheoryData<string> Folders => GoldenModel.Folders(FamilyCatalog.All.SelectMany(family => family.ModelTypes), "encoder-decoder-lm");

    [FixtureTheory]
    [MemberData(nameof(Folders))]
    public void NothingInTheFilesIsLeftUnused(string folder) => Model.Load(GoldenModel.Open(folder).Folder, new ModelOptions { Strict = true }).Dispose();

    [FixtureTheory]
    [MemberData(nameof(Folders))]
    public void WholeSequences(string folder)
    {
        foreach (InstructionSet set in Cpu.Supported) Check(folder, set, Whole);
    }

    [FixtureTheory]
    [MemberData(nameof(Folders))]
    public void AnswersInChunksOfThree(string folder) => Check(folder, null, (model, pass, sequence) => InChunks(model, pass, sequence, 3));

    [FixtureTheory]
    [MemberData(nameof(Folders))]
    public void AnswersTokenByToken(string folder) => Check(folder, null, (model, pass, sequence) => InChunks(model, pass, sequence, 1));

    [FixtureTheory]
    [MemberData(nameof(Folders))]
    public void TheEncodersRows(string folder)
    {
        GoldenModel golden = GoldenModel.Open(folder);
        using Model model = Model.Load(golden.Folder);
        using Device device = new(2);
        using Pass pass = new(device);
        foreach (GoldenModel.Sequence sequence in golden.Sequences)
        {
            Batch batch = new();
            batch.AddSequence(sequence.InputIds);
            Tensor rows = model.Encoder.Forward(pass, batch);
            float[] expected = sequence.EncoderLastHiddenStateLastPosition!, last = rows.Floats.AsSpan()[^expected.Length..].ToArray();
            for (int i = 0; i < expected.Length; i++) Assert.InRange(last[i] - expected[i], -golden.Tolerance, golden.Tolerance);
        }
    }

    [FixtureTheory]
    [MemberData(nameof(Folders))]
    public void TwoSequencesBesideEachOther(string folder)
    {
        GoldenModel golden = GoldenModel.Open(folder);
        using Model model = Model.Load(golden.Folder);
        using Device device = new(2);
        using Pass pass = new(device);
        Batch source = new(), target = new();
        foreach (GoldenModel.Sequence sequence in golden.Sequences)
        {
            source.AddSequence(sequence.InputIds);
            target.AddSequence(sequence.DecoderInputIds);
        }

        NativeSpan<float> logits = model.EncoderDecoder!.Forward(pass, source, target)!.Floats;
        long start = 0;
        foreach (GoldenModel.Sequence sequence in golden.Sequences)
        {
            long length = (long)sequence.DecoderInputIds!.Length * model.Spec.VocabularySize;
            Matches(golden, sequence, logits.Slice(start, length).AsSpan());
            start += length;
        }
    }

    [FixtureFact]
    public void WhatContinuesTextsRefusesWhatAnswersThem()
    {
        using Model model = Model.Load(Fixtures.PathOf("models", "t5-v1_1"));
        Assert.Contains("is an encoder-decoder of the family t5-v1.1", Assert.Throws<CaravanException>(() => model.Decoder).Message, StringComparison.Ordinal);
        using Model encoder = Model.Load(Fixtures.PathOf("models", "bert"));
        Assert.Contains("is an encoder of the family bert", Assert.Throws<CaravanException>(() => encoder.Generator).Message, StringComparison.Ordinal);
    }

    /// <summary>The buckets of the paper's setting, 32 for distances up to 128, as the reference gives them.</summary>
    [Fact]
    public void Buckets()
    {
        RelativeBiasSpec both = new(1, 32, 128, Bidirectional: true, Layer: 0), before = both with { Bidirectional = false };
        Assert.Equal([15, 15, 15, 12, 11, 9, 8, 8, 7, 1, 0], ((int[])[-1000, -128, -91, -32, -16 - 7, -15, -11, -8, -7, -1, 0]).Select(both.BucketOf));
        Assert.Equal([17, 23, 24, 26, 28, 31], ((int[])[1, 7, 8, 16, 32, 1000]).Select(both.BucketOf));
        Assert.Equal([0, 0, 1, 15, 16, 21, 31], ((int[])[5, 0, -1, -15, -16, -32, -1000]).Select(before.BucketOf));
    }

    private static void Check(string folder, InstructionSet? set, Func<Model, Pass, GoldenModel.Sequence, NativeSpan<float>> forward)
    {
        GoldenModel golden = GoldenModel.Open(folder);
        using Model model = Model.Load(golden.Folder);
        using Device device = new(2, set);
        using Pass pass = new(device);
        foreach (GoldenModel.Sequence sequence in golden.Sequences)
        {
            Matches(golden, sequence, forward(model, pass, sequence).AsSpan());
            pass.Reset();
        }
    }

    private static NativeSpan<float> Whole(Model model, Pass pass, GoldenModel.Sequence sequence)
    {
        Batch source = new(), target = new();
        source.AddSequence(sequence.InputIds);
        target.AddSequence(sequence.DecoderInputIds);
        return model.EncoderDecoder!.Forward(pass, source, target)!.Floats;
    }

    /// <summary>The encoder's part and the answer's share the pages.</summary>
    private static NativeSpan<float> InChunks(Model model, Pass pass, GoldenModel.Sequence sequence, int size)
    {
        int[] answer = sequence.DecoderInputIds!, own = [6, 1], others = [3, 5, 0];
        using KeyValuePages pages = new(model.Generator.Spec, 7, DType.F32);
        Tensor logits = pass.Workspace.Rent(new Shape(answer.Length, model.Spec.VocabularySize));
        Batch batch = new();
        batch.AddCached(sequence.InputIds, 0, others, LogitRows.None, sequence.InputIds.Length);
        model.EncoderDecoder!.Read(pass, batch, pages);
        for (int start = 0; start < answer.Length; start += size)
        {
            int count = Math.Min(size, answer.Length - start);
            batch.Clear();
            batch.AddCached(answer.AsSpan(start, count), start, own, LogitRows.All, answer.Length);
            batch.AttendTo(others, sequence.InputIds.Length);
            NativeSpan<float> rows = model.Generator.Forward(pass, batch, pages)!.Floats;
            rows.CopyTo(logits.Floats.Slice((long)start * model.Spec.VocabularySize, rows.Length));
        }

        return logits.Floats;
    }

    /// <summary>As <see cref="LogitAssert"/>, with labels of their own.</summary>
    private static void Matches(GoldenModel golden, GoldenModel.Sequence sequence, ReadOnlySpan<float> logits)
    {
        int count = sequence.Labels!.Length, vocabulary = logits.Length / count;
        double sum = 0;
        for (int row = 0; row < count; row++)
        {
            float[] values = logits.Slice(row * vocabulary, vocabulary).ToArray();
            Assert.Equal(sequence.Argmax[row], Array.IndexOf(values, values.Max()));
            int fromEnd = row - (count - sequence.LogitsLast3.Length);
            for (int i = 0; fromEnd >= 0 && i < vocabulary; i++) Assert.InRange(values[i] - sequence.LogitsLast3[fromEnd][i], -golden.Tolerance, golden.Tolerance);
            double most = values.Max();
            sum += Math.Log(values.Sum(value => Math.Exp(value - most))) + most - values[sequence.Labels[row]];
        }

        Assert.Equal(sequence.CrossEntropy, sum / count, 2 * golden.Tolerance);
    }
}
