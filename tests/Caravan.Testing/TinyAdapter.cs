using System.Text.Json.Nodes;

namespace Caravan.Testing;

/// <summary>A random LoRA in PEFT's layout, for LLaMAs of 64 features and 32 of keys: <see cref="TinyLlama"/> and the stories of the fixtures.</summary>
public static class TinyAdapter
{
    private const int Hidden = 64, Keys = 32, Rank = 4;

    /// <summary>Writes one into a folder.</summary>
    /// <param name="folder">Where; its name is the adapter's.</param>
    /// <param name="layers">Layers of the model.</param>
    /// <param name="scale">Size of its numbers: what tells one from another.</param>
    public static void Write(string folder, int layers, double scale)
    {
        RandomCheckpoint weights = new();
        for (int n = 0; n < layers; n++)
        {
            foreach ((string name, int outputs) in ((string, int)[])[("q_proj", Hidden), ("v_proj", Keys)])
            {
                string at = $"base_model.model.model.layers.{n}.self_attn.{name}.";
                weights.Matrix(at + "lora_A.weight", scale, Rank, Hidden);
                weights.Matrix(at + "lora_B.weight", scale, outputs, Rank);
            }
        }

        weights.Save(folder, []);
        File.Move(Path.Combine(folder, "model.safetensors"), Path.Combine(folder, "adapter_model.safetensors"));
        File.Delete(Path.Combine(folder, "config.json"));
        JsonObject config = new() { ["peft_type"] = "LORA", ["r"] = Rank, ["lora_alpha"] = Rank, ["target_modules"] = new JsonArray("q_proj", "v_proj"), ["base_model_name_or_path"] = "tiny" };
        File.WriteAllText(Path.Combine(folder, "adapter_config.json"), config.ToJsonString());
    }
}
