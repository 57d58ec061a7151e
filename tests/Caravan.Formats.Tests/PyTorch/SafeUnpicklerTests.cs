namespace Caravan.Formats.Tests;

/// <summary>Pickles that ask for more than data, or are damaged: each is refused with its sentence and nothing is run.</summary>
public sealed class SafeUnpicklerTests
{
    private const string Damaged = "; fetch it again, or convert it to safetensors.";

    private static string RefusedCall(string what) =>
        $"'x.bin' asks to call {what} while unpickling, which Caravan never does; only tensors and containers are read. Convert it to safetensors with a tool you trust.";

    [Fact]
    public void Os_system_by_GLOBAL_is_refused() =>
        AssertRefused(RefusedCall("'os.system'"), new PickleWriter().Global("os", "system").Text("echo").Raw(0x85).Raw('R'));

    [Fact]
    public void Os_system_by_STACK_GLOBAL_is_refused() =>
        AssertRefused(RefusedCall("'os.system'"), new PickleWriter(4).Text("os").Text("system").Raw(0x93).Text("echo").Raw(0x85).Raw('R'));

    [Fact]
    public void Os_system_by_INST_and_OBJ_is_refused()
    {
        AssertRefused(RefusedCall("'os.system'"), new PickleWriter().Raw("(S'echo'\n"u8).Raw('i').Line("os").Line("system"));
        AssertRefused(RefusedCall("'posix.system'"), new PickleWriter().Raw('(').Global("posix", "system").Text("echo").Raw('o'));
    }

    [Fact]
    public void A_chain_of_calls_is_refused_at_its_first_name()
    {
        // getattr(__import__('os'), 'system')('echo') inside the arguments of an allowed function.
        PickleWriter pickle = new PickleWriter().Global("torch._utils", "_rebuild_tensor_v2").Raw('(')
            .Global("__builtin__", "getattr").Raw('(').Global("__builtin__", "__import__").Text("os").Raw(0x85).Raw('R').Text("system").Raw('t').Raw('R')
            .Text("echo").Raw(0x85).Raw('R').Raw('t').Raw('R');
        AssertRefused(RefusedCall("'__builtin__.getattr'"), pickle);
    }

    [Theory]
    [InlineData("builtins", "eval")]
    [InlineData("__builtin__", "exec")]
    [InlineData("posix", "system")]
    [InlineData("subprocess", "Popen")]
    [InlineData("numpy.core.multiarray", "_reconstruct")]
    [InlineData("torch", "load")]
    [InlineData("torch.hub", "load")]
    [InlineData("torch._utils", "_import_dotted_name")]
    [InlineData("torch.serialization", "load")]
    [InlineData("collections", "OrderedDict.__init__")]
    public void Every_other_name_is_refused(string module, string name) =>
        AssertRefused(RefusedCall($"'{module}.{name}'"), new PickleWriter().Global(module, name));

    [Fact]
    public void A_refused_name_is_shown_on_one_line_and_not_whole() =>
        AssertRefused(
            RefusedCall($"'a?b.{new string('n', 196)}...'"),
            new PickleWriter(4).Text("a\u001bb").Text(new string('n', 5000)).Raw(0x93));

    [Fact]
    public void Extension_codes_are_refused() =>
        AssertRefused(RefusedCall("an object of Python's copyreg extension registry"), new PickleWriter().Raw(0x82, 1));

    [Fact]
    public void An_allowed_label_cannot_be_called()
    {
        AssertRefused("'x.bin' cannot be read: its pickle calls 'torch.FloatStorage', which is a type and not a function (byte 23)" + Damaged,
            new PickleWriter().Global("torch", "FloatStorage").Raw(')').Raw('R'));
        AssertRefused("'x.bin' cannot be read: its pickle calls 'torch._utils._rebuild_tensor_v2' with arguments that do not fit it (byte 36)" + Damaged,
            new PickleWriter().Global("torch._utils", "_rebuild_tensor_v2").Raw(')').Raw('R'));
        AssertRefused("'x.bin' cannot be read: its pickle calls something that is not a function (byte 9)" + Damaged, new PickleWriter().Text("f").Raw(')').Raw('R'));
    }

    [Fact]
    public void Damage_is_said_with_its_place()
    {
        AssertRefused("'x.bin' cannot be read: its pickle holds the unknown instruction 0xff (byte 2)" + Damaged, new PickleWriter().Raw(0xff));
        AssertRefused("'x.bin' cannot be read: its pickle is of protocol 9; 0 to 5 are known (byte 3)" + Damaged, new PickleWriter().Raw(0x80, 9));
        AssertRefused("'x.bin' cannot be read: its pickle takes an object from an empty stack (byte 2)" + Damaged, new PickleWriter());
        AssertRefused("'x.bin' cannot be read: its pickle closes a container that it never opened (byte 2)" + Damaged, new PickleWriter().Raw('t'));
        AssertRefused("'x.bin' cannot be read: its pickle takes an object from an empty stack (byte 7)" + Damaged, new PickleWriter().Raw("N(0"u8).Raw(0x85).Raw('('));
        AssertRefused("'x.bin' cannot be read: its pickle recalls object 7, which it never stored (byte 3)" + Damaged, new PickleWriter().Raw((byte)'h', 7));
        AssertRefused("'x.bin' cannot be read: its pickle sets a key without a value (byte 5)" + Damaged, new PickleWriter().Raw("}(N"u8).Raw('u'));
        AssertRefused("'x.bin' cannot be read: its pickle sets keys of something that is not a dict (byte 5)" + Damaged, new PickleWriter().Raw("]NN"u8).Raw('s'));
        AssertRefused("'x.bin' cannot be read: its pickle appends to something that is not a list (byte 4)" + Damaged, new PickleWriter().Raw("}N"u8).Raw('a'));
        AssertRefused("'x.bin' cannot be read: its pickle sets the state of something that is not a dict (byte 4)" + Damaged, new PickleWriter().Raw("N}"u8).Raw('b'));
        AssertRefused("'x.bin' cannot be read: its pickle names a storage in a way that torch.save does not (byte 3)" + Damaged, new PickleWriter().Raw("NQ"u8));
    }

    [Fact]
    public void Truncation_anywhere_is_refused()
    {
        byte[] pickle = new PickleWriter().Raw('}').Text("w").Vector("0", 2).Raw('s').Stop();
        for (int length = 2; length < pickle.Length; length++)
        {
            string sentence = TorchFiles.Refusal(TorchFiles.Zip(pickle[..length], ("0", TorchFiles.Counting(2))));
            Assert.Matches("^'x\\.bin' cannot be read: its pickle ends (after|inside) ", sentence);
        }
    }

    [Theory]
    [InlineData(0x8d)]
    [InlineData(0x8e)]
    [InlineData(0x95)]
    [InlineData(0x96)]
    public void A_length_beyond_the_end_reserves_nothing(byte opcode) =>
        AssertRefused("'x.bin' cannot be read: its pickle ends after 12 bytes where 9223372036854775807 more follow byte 11" + Damaged,
            new PickleWriter(4).Raw(opcode).Raw(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f));

    [Fact]
    public void Objects_that_hold_themselves_and_deep_nesting_are_no_trouble()
    {
        string nothing = "'x.bin' holds no dictionary of tensors; save the model's state_dict, best as safetensors.";
        AssertRefused(nothing, new PickleWriter().Raw((byte)'}', (byte)'q', 0).Text("self").Raw((byte)'h', 0).Raw('s'));
        AssertRefused(nothing, new PickleWriter().Raw((byte)']', (byte)'q', 0).Raw((byte)'h', 0).Raw('a'));
        AssertRefused(nothing, new PickleWriter().Raw(Repeat((byte)']', 100_000)).Raw(Repeat((byte)'a', 99_999)));
    }

    [Fact]
    public void Bombs_are_refused_at_their_limit()
    {
        const string End = ", which no checkpoint needs; convert it to safetensors with a tool you trust.";
        AssertRefused("'x.bin' holds a pickle with more than 1000 containers inside each other" + End, new PickleWriter().Raw(Repeat((byte)'(', 5000)));
        AssertRefused("'x.bin' holds a pickle with more than 1048576 objects on the stack" + End, new PickleWriter().Raw('N').Raw(Repeat((byte)'2', 1_100_000)));
        AssertRefused("'x.bin' holds a pickle with more than 2097152 remembered objects" + End, new PickleWriter(4).Raw('N').Raw(Repeat(0x94, 2_200_000)));
        // Every call copies the list of 65536 elements, so few bytes ask for much.
        AssertRefused("'x.bin' holds a pickle with more than 4194304 objects" + End, new PickleWriter().Raw("]("u8).Raw(Repeat((byte)'N', 65536)).Raw((byte)'e', (byte)'q', 0)
            .Raw([.. Enumerable.Range(0, 64).SelectMany(_ => new PickleWriter().Global("builtins", "list").Raw((byte)'h', 0).Raw(0x85).Raw('R').Bytes())]));
    }

    [Fact]
    public void A_memo_index_of_four_billion_reserves_nothing()
    {
        PickleWriter pickle = new PickleWriter().Raw('}').Text("w").Vector("0", 2).Raw('r').UInt32(uint.MaxValue).Raw('s');
        Assert.NotNull(Load(pickle));
    }

    [Fact]
    public void Plain_pickles_are_read_as_far_as_their_names_allow()
    {
        AssertRefused("'x.bin' is a pickle without the storage '0' that it names; save it with torch.save.", new PickleWriter().Raw('}').Text("w").Vector("0", 2).Raw('s'), zip: false);
        AssertRefused(RefusedCall("'os.system'"), new PickleWriter().Global("os", "system"), zip: false);
    }

    [Fact]
    public void Numbers_and_texts_of_all_protocols_are_read()
    {
        PickleWriter pickle = new PickleWriter().Raw("(I01\nI00\nI-12\nL-5L\nL123456789012345678901L\nF1.5\nS'text'\nVuni\n"u8)
            .Raw(0x8a, 2, 0x00, 0xff).Raw(0x8a, 0).Raw(0x8b).UInt32(1).Raw(0x7f).Raw((byte)'J', 0xff, 0xff, 0xff, 0xff).Raw((byte)'U', 1, (byte)'a').Raw('t');
        object?[] items = Assert.IsType<object?[]>(Load(pickle));
        Assert.Equal([true, false, -12L, -5L, PickleOpaque.Value, 1.5, "text", "uni", -256L, 0L, 127L, -1L, "a"], items);
    }

    [Fact]
    public void Ordered_dicts_may_be_made_from_pairs()
    {
        PickleWriter pickle = new PickleWriter().Global("collections", "OrderedDict").Raw("](](X\u0001\0\0\0aK\u0001e](X\u0001\0\0\0bK\u0002ee"u8).Raw(0x85).Raw('R');
        PickleDictionary dictionary = Assert.IsType<PickleDictionary>(Load(pickle));
        Assert.Equal([new("a", 1L), new("b", 2L)], dictionary.Named);
    }

    private static object? Load(PickleWriter pickle)
    {
        using Testing.TemporaryFolder folder = new();
        using Kernels.MappedFile file = Kernels.MappedFile.Open(folder.Write("x", pickle.Stop()));
        return new SafeUnpickler("x", file.Bytes).Load();
    }

    private static void AssertRefused(string sentence, PickleWriter pickle, bool zip = true) =>
        Assert.Equal(sentence, TorchFiles.Refusal(zip ? TorchFiles.Zip(pickle.Stop()) : pickle.Stop()));

    private static byte[] Repeat(byte value, int count)
    {
        byte[] bytes = new byte[count];
        bytes.AsSpan().Fill(value);
        return bytes;
    }
}
