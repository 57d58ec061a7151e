using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Testing;

namespace Caravan.Models.Tests;

/// <summary>Every fixture folder of a known family against the reference implementation's numbers, however its tokens are cut into batches.</summary>
public class GoldenModelTests
{
    public static TheoryData<string> Folders => GoldenModel.Folders(FamilyCatalog.All.SelectMany(family => family.ModelTypes));

    [FixtureTheory]
    [MemberData(nameof(Folders))]
    public void NothingInTheFilesIsLeftUnused(string folder) => Model.Load(GoldenModel.Open(folder).Folder, new ModelOptions { Strict = true }).Dispose();

    [FixtureTheory]
    [MemberData(nameof(Folders))]
    public void PrefilledWhole(string folder) => Check(folder, golden => golden.Sequences, WithoutPages);

    [FixtureTheory]
    [MemberData(nameof(Folders))]
    public void PrefilledInChunksOfThree(string folder) => Check(folder, golden => golden.Sequences, (model, pass, tokens) => InChunks(model, pass, tokens, 3));

    [FixtureTheory]
    [MemberData(nameof(Folders))]
    public void TokenByToken(string folder) => Check(folder, golden => golden.Sequences, (model, pass, tokens) => InChunks(model, pass, tokens, 1));

    [FixtureTheory]
    [MemberData(nameof(Folders))]
    public void EveryInstructionSet(string folder)
    {
        foreach (InstructionSet set in Cpu.Supported) Check(folder, golden => golden.Sequences, WithoutPages, set);
    }

    [FixtureTheory]
    [MemberData(nameof(Folders))]
    public void TwoSequencesBesideEachOther(string folder)
    {
        GoldenModel golden = GoldenModel.Open(folder);
        using Model model = Model.Load(golden.Folder);
        using Device device = new(2);
        using Pass pass = new(device);
        Batch batch = new();
        foreach (GoldenModel.Sequence sequence in golden.Sequences) batch.AddSequence(sequence.InputIds);
        NativeSpan<float> logits = model.Decoder.Forward(pass, batch)!.Floats;
        long start = 0;
        foreach (GoldenModel.Sequence sequence in golden.Sequences)
        {
            long length = (long)sequence.InputIds.Length * model.Decoder.Spec.VocabularySize;
            LogitAssert.Matches(golden, sequence, logits.Slice(start, length).AsSpan());
            start += length;
        }
    }

    /// <summary>A window of W lets W keys through when the checkpoint was written by transformers 4.46 or later.</summary>
    [FixtureTheory]
    [InlineData("models/mistral-sliding")]
    public void ExactWindowOfNewerCheckpoints(string folder)
    {
        GoldenModel golden = GoldenModel.Open(folder);
        using TemporaryFolder copy = new();
        File.Copy(Path.Combine(golden.Folder, "model.safetensors"), copy.File("model.safetensors"));
        string config = File.ReadAllText(Path.Combine(golden.Folder, "config.json"));
        File.WriteAllText(copy.File("config.json"), config.Replace("4.41.0.dev0", "4.46.0", StringComparison.Ordinal));
        using Model model = Model.Load(copy.Path);
        using Device device = new(1);
        using Pass pass = new(device);
        foreach (GoldenModel.Sequence sequence in golden.ExactWindowSequences)
            LogitAssert.Matches(golden, sequence, WithoutPages(model, pass, sequence.InputIds).AsSpan());
    }

    private static void Check(
        string folder, Func<GoldenModel, IReadOnlyList<GoldenModel.Sequence>> sequences, Func<Model, Pass, int[], NativeSpan<float>> forward,
        InstructionSet? set = null)
    {
        GoldenModel golden = GoldenModel.Open(folder);
        using Model model = Model.Load(golden.Folder);
        using Device device = new(2, set);
        using Pass pass = new(device);
        foreach (GoldenModel.Sequence sequence in sequences(golden))
        {
            LogitAssert.Matches(golden, sequence, forward(model, pass, sequence.InputIds).AsSpan());
            pass.Reset();
        }
    }

    /// <summary>
    /// A half errs by 2⁻¹¹ of a number at most, so every layer's attention output errs by as much of the values it averages, and by what
    /// scores that err alike do to the weights; norms and the head pass that on. Allowed are four times 2⁻¹¹ of the largest logit for each layer:
    /// the 2⁻¹¹ is derived, the four is not (two were too few for one folder, yi). Models with experts are left out: the least error can send a
    /// token to another one. A model that magnifies errors (chatglm-6b-v1 adds to what it has multiplied by 7, 28 times) shows it in how much the
    /// reference's logits differ between float and double: halves are 2¹³ times as coarse as floats, and a quarter of that is allowed, as only keys
    /// and values are halves.
    /// </summary>
    [FixtureTheory]
    [MemberData(nameof(Folders))]
    public void HalfPrecisionPages(string folder)
    {
        GoldenModel golden = GoldenModel.Open(folder);
        using Model model = Model.Load(golden.Folder);
        if (model.Decoder.Spec.Layers.Any(layer => layer.ChannelMixer.Experts > 0)) return;
        if (model.Decoder.Spec.Layers.All(layer => layer.SequenceMixer.KeyValueWidth == 0)) return;
        using Device device = new(2);
        using Pass pass = new(device);
        foreach (GoldenModel.Sequence sequence in golden.Sequences)
        {
            float[] exact = InChunks(model, pass, sequence.InputIds, 5).AsSpan().ToArray();
            pass.Reset();
            float[] rounded = InChunks(model, pass, sequence.InputIds, 5, DType.F16).AsSpan().ToArray();
            pass.Reset();
            double tolerance = Math.Max(4 * model.Decoder.Spec.Layers.Length * exact.Max(MathF.Abs) / (1 << 11), golden.Noise * (1 << 13) / 4);
            for (int i = 0; i < exact.Length; i++) Assert.InRange(rounded[i] - exact[i], -tolerance, tolerance);
            Assert.NotEqual(exact, rounded);
        }
    }

    /// <summary>What slots held before must not matter to a sequence that begins in one.</summary>
    private static void Spoil(SequenceStates states, DecoderSpec spec)
    {
        for (int layer = 0; layer < spec.Layers.Length; layer++)
        {
            states.SequenceMixer(layer).Memory.AsSpan().Fill(float.NaN);
            states.ChannelMixer(layer).Memory.AsSpan().Fill(float.NaN);
        }
    }

    private static NativeSpan<float> WithoutPages(Model model, Pass pass, int[] tokens)
    {
        Batch batch = new();
        batch.AddSequence(tokens);
        return model.Decoder.Forward(pass, batch)!.Floats;
    }

    private static NativeSpan<float> InChunks(Model model, Pass pass, int[] tokens, int size, DType type = DType.F32)
    {
        int[] scattered = [.. Enumerable.Range(0, (tokens.Length / KeyValuePages.PageTokens) + 1).Select(page => page * 2).Reverse()];
        using KeyValuePages pages = new(model.Decoder.Spec, scattered.Max() + 1, type);
        using SequenceStates states = new(model.Decoder.Spec, 3);
        Spoil(states, model.Decoder.Spec);
        Tensor logits = pass.Workspace.Rent(new Shape(tokens.Length, model.Decoder.Spec.VocabularySize));
        Batch batch = new();
        SequencePrefix? prefix = model.Decoder.Spec.Prefix?.Of(tokens);
        for (int start = 0, count; start < tokens.Length; start += count)
        {
            // Tokens that see later ones come with them.
            count = Math.Min(start == 0 ? Math.Max(size, prefix?.Length ?? 0) : size, tokens.Length - start);
            batch.Clear();
            batch.AddCached(tokens.AsSpan(start, count), start, scattered, LogitRows.All, tokens.Length, prefix, slot: 1);
            NativeSpan<float> rows = model.Decoder.Forward(pass, batch, pages, states: states)!.Floats;
            rows.CopyTo(logits.Floats.Slice((long)start * model.Decoder.Spec.VocabularySize, rows.Length));
        }

        return logits.Floats;
    }
}
