using System.Text.Json;
using Caravan.Formats;
using Caravan.Models;
using Caravan.Tensors;
using Caravan.Testing;
using Caravan.Weights;

namespace Caravan.Training.Tests;

/// <summary>PEFT's layout: read, written, and refused where it does not fit.</summary>
public sealed class PeftTests : IDisposable
{
    private readonly Device device = new(2);
    private readonly string folder = Directory.CreateTempSubdirectory("caravan-peft-").FullName;

    public void Dispose()
    {
        device.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [FixtureFact]
    public void TheGoldenAdapterGivesTheGoldenLogitsAndIsWrittenAgainAsItWas()
    {
        string source = Fixtures.PathOf("training", "lora_adapter"), written = Path.Combine(folder, "again");
        JsonElement golden = JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("training", "lora.json"))).RootElement;
        using Model model = Model.Load(Fixtures.PathOf("models", "llama-gqa"));
        using Adapter adapter = PeftReader.Read(source, model);
        float[][] expected = golden.GetProperty("logits_row0_last3_with_adapter").Deserialize<float[][]>()!;
        float[] logits = Logits(model, model.Adapters.Attach(adapter), golden.GetProperty("input_ids").Deserialize<int[][]>()![0]);
        for (int row = 0; row < 3; row++)
            for (int i = 0; i < expected[row].Length; i++)
                Assert.Equal(expected[row][i], logits[^((3 - row) * expected[row].Length)..][i], 2e-4f);

        PeftWriter.Write(adapter, model, written, "models/llama-gqa");
        Assert.Equal(File.ReadAllBytes(Path.Combine(source, PeftReader.WeightsFile)), File.ReadAllBytes(Path.Combine(written, PeftReader.WeightsFile)));
        JsonElement before = Config(source), after = Config(written);
        foreach (JsonProperty property in before.EnumerateObject())
            Assert.True(JsonElement.DeepEquals(property.Value, after.GetProperty(property.Name)), $"{property.Name}: {property.Value} became {after.GetProperty(property.Name)}");
        Assert.Equal(before.EnumerateObject().Count(), after.EnumerateObject().Count());
    }

    [FixtureTheory]
    [MemberData(nameof(KindsAndModels))]
    public void WrittenAndReadAgainItComputesTheSame(string kind, string fixture)
    {
        using Model model = Model.Load(Fixtures.PathOf("models", fixture));
        using Adapter adapter = AdapterKinds.Create(model, Options(kind), kind);
        AdapterTrials.Disturb(adapter, 5);
        string written = Path.Combine(folder, "adapter");
        PeftWriter.Write(adapter, model, written);
        using Adapter read = PeftReader.Read(written, model);
        int[] text = [5, 9, 33, 2, 17, 40, 8];
        float[] before = Logits(model, model.Adapters.Attach(adapter), text), after = Logits(model, model.Adapters.Attach(read), text), without = Logits(model, -1, text);
        float range = before.Max() - before.Min();
        // Directions of layers that are one matrix on disk are summed with zeros between them: the same numbers in another order, some of them rounded by a factor.
        AdapterTrials.Near(before, after, 1e-5f * range);
        Assert.True(before.Zip(without).Max(pair => MathF.Abs(pair.First - pair.Second)) > 1e-3f * range, "the adapter changes nothing");
    }

    public static TheoryData<string, string> KindsAndModels()
    {
        TheoryData<string, string> all = [];
        foreach (AdapterKind kind in AdapterKinds.All.Where(kind => kind.Name != "o_lora"))
            foreach (string fixture in (string[])["llama-gqa", "gpt2", "phi3", "falcon-7b-style", "gpt_neox-sequential"])
                // A prompt of each layer cannot be one of the matrix that holds them.
                if (kind.Name != "glora" || fixture is not ("gpt2" or "gpt_neox-sequential")) all.Add(kind.Name, fixture);
        return all;
    }

    [FixtureFact]
    public void LayersWithOneAKeepItOnce()
    {
        using Model model = Model.Load(Fixtures.PathOf("models", "gpt2"));
        using Adapter adapter = AdapterKinds.Create(model, Options("lora") with { Targets = ["c_attn"] }, "shared");
        AdapterTrials.Disturb(adapter, 7);
        foreach (IGrouping<string, KeyValuePair<string, LinearAdapter>> layer in adapter.Linears.GroupBy(layer => layer.Key.Split('.')[1]))
            foreach ((_, LinearAdapter part) in layer) ((LoraAdapter)layer.First().Value).Down.Bytes.CopyTo(((LoraAdapter)part).Down.Bytes);
        PeftWriter.Write(adapter, model, Path.Combine(folder, "shared"));
        using Checkpoint file = CheckpointReader.Open(Path.Combine(folder, "shared", PeftReader.WeightsFile));
        TensorEntry down = file.Tensors[$"{PeftReader.Prefix}transformer.h.0.attn.c_attn.lora_A.weight"];
        Assert.Equal(Options("lora").Rank, down.Shape[0]);
        Assert.True(Config(Path.Combine(folder, "shared")).GetProperty("fan_in_fan_out").GetBoolean());
        Assert.Equal("c_attn", Config(Path.Combine(folder, "shared")).GetProperty("target_modules")[0].GetString());
    }

    [FixtureFact]
    public void OverAGgufHeadsAreTurnedAsTheirRowsAre()
    {
        int[] text = [5, 9, 33, 2, 17, 40, 8];
        string source = Fixtures.PathOf("training", "lora_adapter"), gguf = Path.Combine(folder, "base.gguf"), written = Path.Combine(folder, "turned");
        Converter.Convert(Fixtures.PathOf("models", "llama-gqa"), gguf);
        using Model model = Model.Load(Fixtures.PathOf("models", "llama-gqa")), turned = Model.Load(gguf);
        using Adapter adapter = PeftReader.Read(source, model), there = PeftReader.Read(source, turned);
        float[] expected = Logits(model, model.Adapters.Attach(adapter), text);
        AdapterTrials.Near(expected, Logits(turned, turned.Adapters.Attach(there), text), 1e-5 * (expected.Max() - expected.Min()));
        PeftWriter.Write(there, turned, written);
        Assert.Equal(File.ReadAllBytes(Path.Combine(source, PeftReader.WeightsFile)), File.ReadAllBytes(Path.Combine(written, PeftReader.WeightsFile)));
    }

    [FixtureTheory]
    [InlineData("p_tuning_v2")]
    [InlineData("llama_adapter")]
    [InlineData("prompt_tuning")]
    public void OverAGgufPromptsAreTheSame(string kind)
    {
        int[] text = [5, 9, 33, 2, 17, 40, 8];
        string gguf = Path.Combine(folder, "base.gguf"), written = Path.Combine(folder, "adapter"), again = Path.Combine(folder, "again");
        Converter.Convert(Fixtures.PathOf("models", "llama-gqa"), gguf);
        using Model model = Model.Load(Fixtures.PathOf("models", "llama-gqa")), turned = Model.Load(gguf);
        using Adapter adapter = AdapterKinds.Create(model, Options(kind), kind);
        AdapterTrials.Disturb(adapter, 5);
        PeftWriter.Write(adapter, model, written);
        using Adapter there = PeftReader.Read(written, turned);
        float[] expected = Logits(model, model.Adapters.Attach(adapter), text);
        AdapterTrials.Near(expected, Logits(turned, turned.Adapters.Attach(there), text), 1e-5 * (expected.Max() - expected.Min()));
        PeftWriter.Write(there, turned, again);
        Assert.Equal(File.ReadAllBytes(Path.Combine(written, PeftReader.WeightsFile)), File.ReadAllBytes(Path.Combine(again, PeftReader.WeightsFile)));
    }

    /// <summary>The names, shapes and keys of PEFT's files: three layers, 48 features, 6 heads that share 2 of 8 features for keys.</summary>
    [FixtureTheory]
    [InlineData("prompt_tuning", "PROMPT_TUNING", "prompt_embeddings", new long[] { 3, 48 }, 48, 6)]
    [InlineData("p_tuning", "P_TUNING", "prompt_embeddings", new long[] { 3, 48 }, 48, 6)]
    [InlineData("p_tuning_lstm", "P_TUNING", "prompt_embeddings", new long[] { 3, 48 }, 48, 6)]
    [InlineData("prefix_tuning", "PREFIX_TUNING", "prompt_embeddings", new long[] { 3, 96 }, 16, 2)]
    [InlineData("p_tuning_v2", "PREFIX_TUNING", "prompt_embeddings", new long[] { 3, 96 }, 16, 2)]
    public void VirtualTokensLieInFilesAsPeftHasThem(string kind, string type, string tensor, long[] shape, int width, int heads)
    {
        using Model model = Model.Load(Fixtures.PathOf("models", "llama-gqa"));
        using Adapter adapter = AdapterKinds.Create(model, Options(kind), kind);
        string written = Path.Combine(folder, "adapter");
        PeftWriter.Write(adapter, model, written);
        using Checkpoint file = CheckpointReader.Open(Path.Combine(written, PeftReader.WeightsFile));
        Assert.Equal(shape, Assert.Single(file.Tensors, entry => entry.Key == tensor).Value.Shape);
        JsonElement config = Config(written);
        Assert.Equal(type, config.GetProperty("peft_type").GetString());
        Assert.Equal("CAUSAL_LM", config.GetProperty("task_type").GetString());
        Assert.Equal((3, width, heads, 1), (Number("num_virtual_tokens"), Number("token_dim"), Number("num_attention_heads"), Number("num_transformer_submodules")));
        Assert.Equal(model.Spec.Layers.Length, Number("num_layers"));
        int Number(string key) => config.GetProperty(key).GetInt32();
    }

    [FixtureFact]
    public void AdaptionPromptsLieInFilesAsPeftHasThem()
    {
        using Model model = Model.Load(Fixtures.PathOf("models", "llama-gqa"));
        using Adapter adapter = AdapterKinds.Create(model, Options("llama_adapter") with { AdaptedLayers = 1 }, "adaption");
        string written = Path.Combine(folder, "adapter");
        PeftWriter.Write(adapter, model, written);
        using Checkpoint file = CheckpointReader.Open(Path.Combine(written, PeftReader.WeightsFile));
        string module = $"base_model.model.model.layers.{model.Spec.Layers.Length - 1}.self_attn";
        Assert.Equal([$"{module}.adaption_gate", $"{module}.adaption_prompt"], file.Tensors.Keys.Order(StringComparer.Ordinal));
        Assert.Equal<long>([1], file.Tensors[$"{module}.adaption_gate"].Shape);
        Assert.Equal<long>([1, 3, 48], file.Tensors[$"{module}.adaption_prompt"].Shape);
        JsonElement config = Config(written);
        Assert.Equal(("ADAPTION_PROMPT", "self_attn"), (config.GetProperty("peft_type").GetString(), config.GetProperty("target_modules").GetString()));
        Assert.Equal((1, 3), (config.GetProperty("adapter_layers").GetInt32(), config.GetProperty("adapter_len").GetInt32()));
    }

    [FixtureFact]
    public void PromptsOfAnotherModelAreRefused()
    {
        using Model model = Model.Load(Fixtures.PathOf("models", "llama-gqa")), other = Model.Load(Fixtures.PathOf("models", "gpt2"));
        foreach (string kind in (string[])["prompt_tuning", "p_tuning_v2", "llama_adapter"])
        {
            using Adapter adapter = AdapterKinds.Create(model, Options(kind), kind);
            string written = Path.Combine(folder, kind);
            PeftWriter.Write(adapter, model, written);
            Assert.Contains("made for another model", Assert.Throws<CaravanException>(() => PeftReader.Read(written, other)).Message, StringComparison.Ordinal);
        }

        string copy = Path.Combine(folder, "prompt_tuning", PeftConfig.FileName);
        File.WriteAllText(copy, File.ReadAllText(copy).Replace("\"num_virtual_tokens\": 3", "\"num_virtual_tokens\": 4", StringComparison.Ordinal));
        Assert.Contains("for 4 virtual tokens; a row for each was expected", Assert.Throws<CaravanException>(() => PeftReader.Read(Path.Combine(folder, "prompt_tuning"), model)).Message, StringComparison.Ordinal);
    }

    [FixtureFact]
    public void AnotherModelsAdapterIsRefusedWithBothShapes()
    {
        string source = Fixtures.PathOf("training", "lora_adapter");
        using Model other = Model.Load(Fixtures.PathOf("models", "gpt2")), wider = Model.Load(Fixtures.PathOf("models", "gemma-mha"));
        Assert.Contains("made for another model", Assert.Throws<CaravanException>(() => PeftReader.Read(source, other)).Message, StringComparison.Ordinal);
        string shapes = Assert.Throws<CaravanException>(() => PeftReader.Read(source, wider)).Message;
        Assert.Matches(@"has .*lora_[AB]\.weight \[\d+, \d+\] for 'layers\.\d\.attention\.\w+', whose weight is \[\d+, \d+\]; it was made for another model", shapes);
    }

    [FixtureTheory]
    [InlineData("\"modules_to_save\": [\"lm_head\"]", "replaces whole modules")]
    [InlineData("\"init_lora_weights\": \"pissa_niter_4\"", "changes the base model's weights")]
    [InlineData("\"peft_type\": \"LORE\"", "Did you mean 'LORA'")]
    [InlineData("\"r\": \"many\"", "a number was expected")]
    [InlineData("\"rank_pattern\": {\"(?<=x)q\": 3}", "no regular expression")]
    public void WhatIsNotSupportedIsSaid(string change, string said)
    {
        string key = change.Split('"')[1], copy = Path.Combine(folder, "copy");
        Directory.CreateDirectory(copy);
        File.Copy(Fixtures.PathOf("training", "lora_adapter", PeftReader.WeightsFile), Path.Combine(copy, PeftReader.WeightsFile));
        string[] lines = File.ReadAllLines(Fixtures.PathOf("training", "lora_adapter", PeftConfig.FileName));
        File.WriteAllLines(Path.Combine(copy, PeftConfig.FileName), ["{", .. lines.Skip(1).SkipLast(1).Where(line => !line.Contains($"\"{key}\"", StringComparison.Ordinal)), ", " + change, "}"]);
        using Model model = Model.Load(Fixtures.PathOf("models", "llama-gqa"));
        Assert.Contains(said, Assert.Throws<CaravanException>(() => PeftReader.Read(copy, model)).Message, StringComparison.Ordinal);
    }

    [FixtureFact]
    public void ATargetThatIsNoLayerNamesTheLayers()
    {
        using Model model = Model.Load(Fixtures.PathOf("models", "llama-gqa"));
        string message = Assert.Throws<CaravanException>(() => AdapterTargets.Find(model, ["q_prj"])).Message;
        Assert.Contains("Did you mean 'q_proj'", message, StringComparison.Ordinal);
        Assert.Equal(AdapterTargets.Find(model, ["q_proj", "v_proj"]), AdapterTargets.Find(model, [@".*\.self_attn\.(q|v)_proj"]));
        Assert.Equal(AdapterTargets.Find(model, ["q_proj"]), AdapterTargets.Find(model, ["attention.query"]));
        Assert.Equal(7 * model.Spec.Layers.Length, AdapterTargets.Find(model, [AdapterTargets.AllLinear]).Count);
    }

    private static AdapterOptions Options(string kind) => AdapterTrials.Options(kind);

    private static JsonElement Config(string path) => JsonDocument.Parse(File.ReadAllText(Path.Combine(path, PeftConfig.FileName))).RootElement;

    private float[] Logits(Model model, int slot, int[] text) => AdapterTrials.Logits(device, model, slot, text);
}
