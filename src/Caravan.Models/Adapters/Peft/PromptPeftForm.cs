using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>
/// Virtual tokens: one tensor of their rows. Networks that made the rows while they were learnt are not kept, as PEFT does not keep them.
/// </summary>
/// <remarks>Source: PEFT's PromptTuningConfig, PromptEncoderConfig, PrefixTuningConfig and its state dictionaries.</remarks>
internal sealed class PromptPeftForm : PeftForm
{
    private const string PromptTuning = "PROMPT_TUNING", PTuning = "P_TUNING", PrefixTuning = "PREFIX_TUNING", TensorName = "prompt_embeddings";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Types => [PromptTuning, PTuning, PrefixTuning];

    /// <inheritdoc/>
    public override bool Holds(Adapter adapter) => adapter.VirtualTokens is not null;

    /// <inheritdoc/>
    public override void Read(PeftReader file, Adapter adapter)
    {
        PromptPlace place = file.Config.Type == PrefixTuning ? PromptPlace.KeysAndValues : PromptPlace.Embeddings;
        Tensor rows = file.Take(TensorName);
        adapter.Add(new VirtualTokens(new LearntRows(rows), place));
        double count = file.Config.Number("num_virtual_tokens", rows.Shape.Rows);
        if (rows.Shape.Rank != 2 || rows.Shape[0] != count)
        {
            throw new CaravanException(
                $"'{file.Folder}' has {TensorName} {rows.Shape} for {count} virtual tokens; a row for each was expected (rows for an encoder and a decoder are not supported).");
        }

        file.Model.Adapters.RequireFits(adapter);
        if (place == PromptPlace.KeysAndValues) Order(file.Model, rows, fromDisk: true);
    }

    /// <inheritdoc/>
    public override void Write(Adapter adapter, Model model, PeftDocument document)
    {
        VirtualTokens tokens = adapter.VirtualTokens!;
        using Device device = new(1);
        using Pass pass = new(device);
        Tensor rows = tokens.Encoder.Forward(pass);
        using Tensor written = Tensor.Allocate(rows.Shape);
        rows.Bytes.CopyTo(written.Bytes);
        if (tokens.Place == PromptPlace.KeysAndValues) Order(model, written, fromDisk: false);
        document.Add(TensorName, written.Floats.AsSpan().ToArray(), written.Shape[0], written.Shape[1]);
        Describe(tokens, model, document);
    }

    private static void Describe(VirtualTokens tokens, Model model, PeftDocument document)
    {
        AttentionSpec? attention = model.Generator.Spec.Layers.Select(layer => layer.SequenceMixer).OfType<AttentionSpec>().FirstOrDefault();
        bool areKeys = tokens.Place == PromptPlace.KeysAndValues;
        document.Config["num_virtual_tokens"] = tokens.Count;
        document.Config["num_layers"] = areKeys ? model.Adapters.Attentions.Count : model.Spec.Layers.Length;
        document.Config["num_transformer_submodules"] = 1;
        document.Config["num_attention_heads"] = areKeys ? attention?.KeyValueHeads : attention?.Heads;
        document.Config["token_dim"] = areKeys ? model.Adapters.KeyWidth : tokens.Encoder.Width;
        switch (tokens)
        {
            case { Place: PromptPlace.KeysAndValues }:
                document.Config["peft_type"] = PrefixTuning;
                document.Config["encoder_hidden_size"] = model.Adapters.KeyWidth;
                document.Config["prefix_projection"] = false;
                break;
            case { Encoder: LearntRows }:
                document.Config["peft_type"] = PromptTuning;
                document.Config["prompt_tuning_init"] = "RANDOM";
                foreach (string key in (string[])["prompt_tuning_init_text", "tokenizer_kwargs", "tokenizer_name_or_path"]) document.Config[key] = null;
                break;
            default:
                document.Config["peft_type"] = PTuning;
                document.Config["encoder_reparameterization_type"] = tokens.Encoder is RecurrentRows ? "LSTM" : "MLP";
                document.Config["encoder_hidden_size"] = tokens.Encoder.Width;
                (document.Config["encoder_num_layers"], document.Config["encoder_dropout"]) = (2, 0);
                break;
        }
    }

    /// <summary>Moves the features of keys to where the model pairs them, or to where Hugging Face does.</summary>
    private static void Order(Model model, Tensor rows, bool fromDisk)
    {
        long width = rows.Shape.Columns;
        foreach ((string layer, long start) in model.Adapters.Attentions)
        {
            if (AdapterModules.OrderOf(model, $"{layer}.key") is not { } order) continue;
            long keyWidth = model.Adapters.Projections[$"{layer}.key"].Weights.Weight.Shape[0];
            float[] keys = new float[keyWidth];
            for (long row = 0; row < rows.Shape[0]; row++)
            {
                Span<float> own = rows.Floats.AsSpan((row * width) + start, (int)keyWidth);
                for (int i = 0; i < keys.Length; i++)
                {
                    int other = (int)order.SourceRow(i);
                    if (fromDisk) keys[i] = own[other];
                    else keys[other] = own[i];
                }

                keys.CopyTo(own);
            }
        }
    }
}
