using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Testing;

namespace Caravan.Models.Tests;

/// <summary>Virtual tokens and adaption prompts on a small random model of every family that writes.</summary>
public sealed class PromptFamilyTests : IDisposable
{
    private const int Count = 3;

    private readonly TemporaryFolder folder = new();
    private readonly Device device = new(2);

    public static TheoryData<string> Families => [.. FamilyCatalog.All.Select(family => family.Name)];

    public void Dispose()
    {
        device.Dispose();
        folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Gradients(string family)
    {
        using Model model = Load(family);
        foreach (Adapter adapter in AdaptersOf(model))
        {
            using (adapter)
            {
                foreach (Tensor parameter in adapter.Parameters) parameter.RequiresGradient = true;
                int slot = model.Adapters.Attach(adapter);
                // Where a step changes which experts are chosen, its error is known to be large, and no more can be asked.
                bool hasExperts = model.Spec.Layers.Any(layer => layer.ChannelMixer.Experts > 0);
                GradientCheck.Check([.. adapter.Parameters], TrainingTask.Of(model, Texts(9, 5), slot), hasExperts ? double.PositiveInfinity : 0.5);
                model.Adapters.Detach(slot);
            }
        }
    }

    /// <summary>Tokens of a text as virtual ones are what they are as tokens, bit for bit: a row's results do not depend on where in a batch it is.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void VirtualTokensThatAreTokens(string family)
    {
        using Model model = Load(family);
        if (model.Network is not Decoder decoder) return;
        int[] text = Texts(11)[0];
        using Adapter adapter = new("text");
        adapter.Add(PromptTuning.FromText(model, Count, text[..Count]));
        Assert.Equal(Logits(decoder, -1, text)[Count..], Logits(decoder, model.Adapters.Attach(adapter), text[Count..]));
    }

    /// <summary>The keys and values of tokens as learnt ones are what those tokens are to the ones after them, bit for bit.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void KeysAndValuesOfTokens(string family)
    {
        using Model model = Load(family);
        if (model.Network is not Decoder decoder || decoder.Spec.StateSize > 0) return;
        int[] text = Texts(11)[0];
        using Adapter adapter = new("keys and values");
        adapter.Add(new VirtualTokens(new LearntRows(KeysAndValues(decoder, text)), PromptPlace.KeysAndValues));
        Assert.Equal(Logits(decoder, -1, text)[Count..], Logits(decoder, model.Adapters.Attach(adapter), text[Count..]));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void AdaptionPromptsBeginAsNothing(string family)
    {
        using Model model = Load(family);
        if (model.Network is not Decoder decoder || model.Adapters.Attentions.Count == 0) return;
        using Adapter adapter = Adaption(model);
        int[] text = Texts(11)[0];
        Assert.Equal(Logits(decoder, -1, text), Logits(decoder, model.Adapters.Attach(adapter), text));
    }

    /// <summary>
    /// Sequences of one batch know nothing of each other's adapters. Where widths are no multiple of a register's, the place of an element decides
    /// whether its function is computed in lanes or in a tail, which differ by roundings: with or without adapters.
    /// </summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void SeveralInOneBatch(string family)
    {
        using Model model = Load(family);
        if (model.Network is not Decoder decoder) return;
        Adapter[] adapters = [.. AdaptersOf(model)];
        int[] slots = [.. adapters.Select(model.Adapters.Attach), -1, 0];
        int[][] texts = Texts([.. slots.Select((_, number) => 12 + number)]);
        using Pass pass = new(device);
        Batch together = new();
        for (int i = 0; i < slots.Length; i++) Add(together, slots[i], texts[i]);
        float[] all = decoder.Forward(pass, together)!.Floats.AsSpan().ToArray();
        float[] apart = [.. slots.SelectMany((slot, number) => Logits(decoder, slot, texts[number]).SelectMany(row => row))];
        Assert.Equal(apart.Length, all.Length);
        Assert.All(apart.Zip(all), pair => Assert.Equal(pair.First, pair.Second, 2e-5));
        foreach (Adapter adapter in adapters) adapter.Dispose();
    }

    private Model Load(string family)
    {
        TinyFamilies.Write(family, folder);
        return Model.Load(folder.Path);
    }

    /// <summary>One of each kind that the model takes.</summary>
    private static IEnumerable<Adapter> AdaptersOf(Model model)
    {
        if (model.Network is not (Decoder or EncoderDecoder or VisionLanguage)) yield break;
        Adapter prompt = new("prompt");
        prompt.Add(PromptTuning.Random(model, Count, seed: 1));
        yield return prompt;
        if (model.Adapters.Attentions.Count == 0) yield break;
        yield return Adaption(model, gate: 0.5f);
        if (model.Spec.Layers.Any(layer => layer.StateSize > 0)) yield break;
        Adapter prefix = new("prefix");
        prefix.Add(PrefixTuning.Direct(model, Count - 1, seed: 2));
        yield return prefix;
    }

    private static Adapter Adaption(Model model, float gate = 0)
    {
        Adapter adapter = new("adaption");
        foreach ((string layer, AdaptionPrompt prompt) in AdaptionPrompt.ForLastLayers(model, Count, 1, seed: 3))
        {
            prompt.Gate.Floats[0] = gate;
            adapter.Add(layer, prompt);
        }

        return adapter;
    }

    private float[][] Logits(Decoder decoder, int slot, int[] text)
    {
        using Pass pass = new(device);
        Batch batch = new();
        Add(batch, slot, text);
        Tensor logits = decoder.Forward(pass, batch)!;
        return [.. logits.Floats.AsSpan().ToArray().Chunk((int)logits.Shape.Columns)];
    }

    private static void Add(Batch batch, int slot, int[] text)
    {
        batch.Adapter = slot;
        batch.AddSequence(text);
    }

    /// <summary>[the first tokens, keys and values of all layers] as pages of floats keep them: keys feature by feature, values token by token, head after head.</summary>
    private Tensor KeysAndValues(Decoder decoder, int[] text)
    {
        using KeyValuePages pages = new(decoder.Spec, 1, DType.F32);
        using Pass pass = new(device);
        Batch batch = new();
        batch.AddCached(text, 0, [0], LogitRows.None, text.Length);
        decoder.Forward(pass, batch, pages);
        AttentionSpec[] layers = [.. decoder.Spec.Layers.Select(layer => (AttentionSpec)layer.SequenceMixer)];
        Tensor rows = Tensor.Allocate(new Shape(Count, layers.Sum(layer => 2L * layer.KeyValueWidth)));
        for (int token = 0; token < Count; token++)
        {
            long next = token * rows.Shape.Columns;
            for (int layer = 0; layer < layers.Length; layer++)
            {
                LayerPages own = pages.Layer(layer);
                int size = layers[layer].HeadSize, width = layers[layer].KeyValueWidth;
                for (int i = 0; i < width; i++) rows.Floats[next++] = own.Keys.Cast<float>()[(i * KernelSet.PageTokens) + token];
                for (int i = 0; i < width; i++) rows.Floats[next++] = own.Values.Cast<float>()[(((i / size * KernelSet.PageTokens) + token) * size) + (i % size)];
            }
        }

        return rows;
    }

    private static int[][] Texts(params int[] lengths)
    {
        Random random = new(3);
        return [.. lengths.Select(length => Enumerable.Range(0, length).Select(_ => random.Next(3, TinyFamilies.LeastVocabulary)).ToArray())];
    }
}
