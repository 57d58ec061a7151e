namespace Caravan.Formats;

internal sealed partial class SafeUnpickler
{
    /// <summary>
    /// The instructions that name, call and configure Python objects: the dangerous ones, which only reach <see cref="PickleGlobals"/>.
    /// </summary>
    private bool Call(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Global: Push(Resolve(cursor.Line(), cursor.Line())); break;
            case PickleOpcode.StackGlobal: PushStackGlobal(); break;
            case PickleOpcode.Reduce or PickleOpcode.NewObj: CallWith(Pop()); break;
            case PickleOpcode.NewObjEx: CallWithKeywords(); break;
            case PickleOpcode.Inst: PushInstance(); break;
            case PickleOpcode.Obj: PushObject(PopToMark()); break;
            case PickleOpcode.Build: Build(); break;
            case PickleOpcode.BinPersistentId: Push(Storage(Pop())); break;
            case PickleOpcode.PersistentId: throw cursor.Malformed("names a storage by text, which torch.save never does");
            case PickleOpcode.Ext1 or PickleOpcode.Ext2 or PickleOpcode.Ext4: throw Refused("an object of Python's copyreg extension registry");
            case PickleOpcode.NextBuffer or PickleOpcode.ReadOnlyBuffer: throw cursor.Malformed("asks for a buffer that is kept outside the file");
            default: return false;
        }

        return true;
    }

    private PickleGlobal Resolve(string module, string name) =>
        PickleGlobals.Find(module, name) ?? throw Refused($"'{PickleText.Printable($"{module}.{name}")}'");

    private void PushStackGlobal()
    {
        object? name = Pop();
        object? module = Pop();
        if (name is not string nameText || module is not string moduleText)
            throw cursor.Malformed("names a Python object by something that is not text");
        Push(Resolve(moduleText, nameText));
    }

    private void CallWith(object? arguments)
    {
        object? callee = Pop();
        if (callee is not PickleGlobal global) throw cursor.Malformed("calls something that is not a function");
        if (arguments is not object?[] tuple) throw cursor.Malformed($"calls '{global.Name}' with something that is not a tuple");
        Push(Invoke(global, tuple));
    }

    private void CallWithKeywords()
    {
        if (Pop() is not PickleDictionary { Count: 0 }) throw cursor.Malformed("creates an object with keyword arguments");
        CallWith(Pop());
    }

    private void PushInstance()
    {
        PickleGlobal global = Resolve(cursor.Line(), cursor.Line());
        Push(Invoke(global, PopToMark()));
    }

    private void PushObject(object?[] items)
    {
        if (items.Length == 0 || items[0] is not PickleGlobal global) throw cursor.Malformed("creates an object of something that is not a class");
        Push(Invoke(global, items[1..]));
    }

    /// <summary>
    /// State set on a dict (a state dict's <c>_metadata</c>) or on a value nobody reads is dropped; anything else is no checkpoint's.
    /// </summary>
    private void Build()
    {
        Pop();
        if (Peek() is not (PickleDictionary or PickleOpaque)) throw cursor.Malformed("sets the state of something that is not a dict");
    }

    private object? Invoke(PickleGlobal global, object?[] arguments) => global.Kind switch
    {
        PickleGlobalKind.Dictionary => NewDictionary(global, arguments),
        PickleGlobalKind.List => new List<object?>(Elements(global, arguments)),
        PickleGlobalKind.Tuple => Elements(global, arguments).ToArray(),
        PickleGlobalKind.Opaque => PickleOpaque.Value,
        PickleGlobalKind.Tensor => TorchTensorArguments.Tensor(arguments) ?? throw Arguments(global),
        PickleGlobalKind.TypedTensor => TorchTensorArguments.TypedTensor(arguments) ?? throw Arguments(global),
        PickleGlobalKind.Parameter => arguments is [TorchTensor tensor, ..] ? tensor : throw Arguments(global),
        PickleGlobalKind.TensorWithState => TensorWithState(global, arguments),
        _ => throw cursor.Malformed($"calls '{global.Name}', which is a type and not a function"),
    };

    private PickleDictionary NewDictionary(PickleGlobal global, object?[] arguments)
    {
        PickleDictionary result = new();
        foreach (object? item in Elements(global, arguments))
        {
            IReadOnlyList<object?> pair = item as IReadOnlyList<object?> ?? [];
            if (pair.Count != 2) throw Arguments(global);
            result.Set(pair[0], pair[1]);
        }

        return result;
    }

    /// <summary>The elements of the one list or tuple that a container is made from; copying them counts as building them.</summary>
    private IReadOnlyList<object?> Elements(PickleGlobal global, object?[] arguments)
    {
        if (arguments.Length == 0) return [];
        if (arguments is not [IReadOnlyList<object?> elements]) throw Arguments(global);
        Charge(elements.Count);
        return elements;
    }

    private TorchTensor TensorWithState(PickleGlobal global, object?[] arguments)
    {
        // The function may be any that gives a tensor except this one, so that a file cannot make it call itself.
        if (arguments is not [PickleGlobal function, PickleGlobal, object?[] inner, ..]
            || function.Kind is not (PickleGlobalKind.Tensor or PickleGlobalKind.TypedTensor or PickleGlobalKind.Parameter))
            throw Arguments(global);
        return (TorchTensor)Invoke(function, inner)!;
    }

    private TorchStorage Storage(object? id)
    {
        TorchStorage storage = TorchTensorArguments.Storage(id) ?? throw cursor.Malformed("names a storage in a way that torch.save does not");
        storages.TryAdd(storage.Key, storage);
        return storage;
    }

    private CaravanException Arguments(PickleGlobal global) => cursor.Malformed($"calls '{global.Name}' with arguments that do not fit it");

    private CaravanException Refused(string what) =>
        new($"'{path}' asks to call {what} while unpickling, which Caravan never does; only tensors and containers are read. " +
            "Convert it to safetensors with a tool you trust.");
}
